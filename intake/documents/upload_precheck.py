"""Judge a file by what its sender says of it, so that nobody waits for megabytes to be refused.

Only a courtesy: what arrives is judged by its content, whatever was said of it here.
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
    """Refuse a file that is yet to be sent, by its name and its size in bytes.

    An extension that says nothing certain (none, or one that we do not know) passes: the content will tell.

    :raises UploadRefused: in the words that its inspection would use.
    """
    refuse_size(size=size, max_bytes=max_bytes)
    family = _BY_EXTENSION.get(PurePath(name).suffix.lower().removeprefix("."))
    if family is not None:
        raise UploadRefused(Reason.NOT_ACCEPTED_TYPE, explain(Reason.NOT_ACCEPTED_TYPE, {"detected": family}))
