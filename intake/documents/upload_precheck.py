"""Check a file's declared name and size before its bytes are uploaded.

This saves the candidate time; the inspection of the content decides.
"""

from pathlib import PurePath

from intake.documents.child.refusal import Reason

from .errors import UploadRefused
from .reasons import explain
from .services import refuse_size

_FAMILIES = {
    "OFFICE": "doc docx docm dot dotx odt rtf pages wpd xls xlsx ods numbers csv ppt pptx odp key",
    "ZIP": "zip 7z rar gz tar bz2 xz",
    "IMAGE": "gif bmp tif tiff webp svg jp2 psd",
    "PHONE_IMAGE": "heic heif avif",
    "WEB": "htm html mhtml webarchive",
    "PROGRAM": "exe msi app dmg apk bat cmd com sh ps1 js jar",
    "OTHER": "txt md tex epub mobi xps mp3 mp4 mov avi m4a wav eml msg",
}
_BY_EXTENSION = {extension: family for family, names in _FAMILIES.items() for extension in names.split()}


def precheck_upload(*, name: str, size: int, max_bytes: int) -> None:
    """Raise if a file would be refused by its declared name and size in bytes.

    A missing or unknown extension passes: the content decides.

    :raises UploadRefused: with the inspection's message.
    """
    refuse_size(size=size, max_bytes=max_bytes)
    family = _BY_EXTENSION.get(PurePath(name).suffix.lower().removeprefix("."))
    if family is not None:
        raise UploadRefused(Reason.NOT_ACCEPTED_TYPE, explain(Reason.NOT_ACCEPTED_TYPE, {"detected": family}))
