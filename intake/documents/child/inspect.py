"""Inspection of one file: detect its type, accept or refuse it, convert it, draw its first page, measure all."""

from pathlib import Path
from typing import TYPE_CHECKING

from intake.documents.child.refusal import Reason, Refused

if TYPE_CHECKING:
    from PIL.Image import Image

HEAD_BYTES = 4096
PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
HEIC = "image/heic"

# Other bytes may precede a PDF's header (ISO 32000-1, annex H.3.4.1, note 13: within the first 1024).
PDF_HEADER_WITHIN = 1024

_SIGNATURES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"%PDF-", PDF),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OFFICE"),
    (b"{\\rtf", "OFFICE"),
    (b"GIF8", "IMAGE"),
    (b"BM", "IMAGE"),
    (b"II*\x00", "IMAGE"),
    (b"MM\x00*", "IMAGE"),
    (b"RIFF", "IMAGE"),
    (b"\x00\x00\x00\x0cjP  ", "IMAGE"),
    (b"MZ", "PROGRAM"),
    (b"\x7fELF", "PROGRAM"),
    (b"\xcf\xfa\xed\xfe", "PROGRAM"),
    (b"#!", "PROGRAM"),
    (b"%!PS", "OTHER"),
)
_OFFICE_PARTS = (b"word/", b"xl/", b"ppt/", b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis")
# Brands of ISO/IEC 23008-12: photographs in HEVC, and the containers that may also have one in AV1.
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}

# The thumbnail: shown 144 CSS pixels wide. The small one: shown in a box of 44 x 56, at most three pixels for each.
MAX_SIDE_PIXELS = 480
SMALL_BOX = (132, 168)
_QUALITY = 82
_SMALL_QUALITY = 75


def inspect(path: Path, into: Path, max_pages: int) -> dict[str, object]:
    """Write `clean.pdf`, `thumbnail.jpg`, `small.jpg` in `into`; return media type, pages, what was removed, warnings.

    A warning is a code of `legibility.Legibility`, a colon, and the number of its page.

    :raises Refused: if the file is not accepted; the code gives the reason.
    :raises MemoryError: if the file needs more memory than the limit.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    media_type = sniff(head)
    clean = into / "clean.pdf"
    removed: set[str]
    if media_type == PDF:
        from intake.documents.child import pdf  # noqa: PLC0415 -- 100 ms that an image does not need

        pages, removed = pdf.clean(path, clean, max_pages=max_pages)
    elif media_type in {JPEG, PNG, HEIC}:
        from intake.documents.child import image  # noqa: PLC0415 -- not needed for a PDF

        pages, removed = image.to_page(path, clean)
    else:
        raise Refused(Reason.NOT_ACCEPTED_TYPE, detected=media_type)
    warnings = draw_first_page(clean, into / "thumbnail.jpg", into / "small.jpg")
    return {"media_type": media_type, "pages": pages, "neutralised": sorted(removed), "warnings": warnings}


def sniff(head: bytes) -> str:
    """Return the media type of an accepted kind of file, or the family of a refused one.

    `head` is at least the first 4096 bytes, or the whole file. Families: OFFICE, ZIP, IMAGE, WEB, PROGRAM, OTHER.
    """
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return "OFFICE" if found == "ZIP" and any(part in head for part in _OFFICE_PARTS) else found
    brands = _brands(head)
    if brands & _AVIF_BRANDS:
        return "IMAGE"
    if brands & _HEIC_BRANDS:
        return HEIC
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return "WEB"
    if b"%PDF-" in head[: PDF_HEADER_WITHIN + 5]:
        return PDF
    return "OTHER"


def _brands(head: bytes) -> set[bytes]:
    """Return the brands of a file that begins with a box of its type, as films and some photographs do."""
    if head[4:8] != b"ftyp":
        return set()
    box = head[: int.from_bytes(head[:4])]
    return {box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))}


def draw_first_page(pdf: Path, picture: Path, small: Path) -> list[str]:
    """Write page 1 of `pdf` as two JPEG files: `picture`, of at most 480 pixels a side, and `small`, in `SMALL_BOX`.

    Return the warnings about all its pages.

    :raises Refused: DAMAGED, if the page cannot be drawn.
    """
    import pypdfium2  # noqa: PLC0415 -- only an accepted file needs it

    from intake.documents.child.legibility import warnings_of  # noqa: PLC0415 -- the same

    try:
        with pypdfium2.PdfDocument(pdf) as document:
            page = document[0]
            longest_side = max(page.get_size())
            drawn = page.render(scale=MAX_SIDE_PIXELS / longest_side, may_draw_forms=False).to_pil()
            warnings = [f"{code}:{number}" for code, number in warnings_of(document)]
    except pypdfium2.PdfiumError as error:
        raise Refused(Reason.DAMAGED) from error
    save_thumbnails(drawn, picture, small)
    return warnings


def save_thumbnails(drawn: "Image", picture: Path, small: Path) -> None:
    """Write a drawn page as `picture`, of at most 480 pixels a side, and as `small`, in `SMALL_BOX`."""
    drawn.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    drawn = drawn.convert("RGB")
    drawn.save(picture, "JPEG", quality=_QUALITY, optimize=True)
    drawn.thumbnail(SMALL_BOX)
    drawn.save(small, "JPEG", quality=_SMALL_QUALITY, optimize=True)
