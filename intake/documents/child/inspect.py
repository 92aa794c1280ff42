"""Inspection of one file: detect its type, accept or refuse it, and convert it."""

from pathlib import Path

from intake.documents.child.refusal import Reason, Refused
from intake.documents.child.sniff import JPEG, PDF, PNG, sniff

HEAD_BYTES = 4096


def inspect(path: Path, into: Path, max_pages: int) -> dict[str, object]:
    """Write `clean.pdf` and `thumbnail.jpg` in `into`; return media type, pages and codes of what was removed.

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
    elif media_type in {JPEG, PNG}:
        from intake.documents.child import image  # noqa: PLC0415 -- not needed for a PDF

        pages, removed = image.to_page(path, clean)
    else:
        raise Refused(Reason.NOT_ACCEPTED_TYPE, detected=media_type)
    from intake.documents.child.thumbnail import draw_first_page  # noqa: PLC0415 -- only an accepted file needs it

    draw_first_page(clean, into / "thumbnail.jpg")
    return {"media_type": media_type, "pages": pages, "neutralised": sorted(removed)}
