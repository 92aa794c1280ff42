"""Thumbnail of page 1 of the cleaned file."""

from pathlib import Path

import pypdfium2

from intake.documents.child.refusal import Reason, Refused

MAX_SIDE_PIXELS = 480
_QUALITY = 82


def draw_first_page(pdf: Path, picture: Path) -> None:
    """Write page 1 of `pdf` as a JPEG whose longest side is at most 480 pixels.

    :raises Refused: if the page cannot be drawn (DAMAGED).
    """
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            page = document[0]
            longest_side = max(page.get_size())
            drawn = page.render(scale=MAX_SIDE_PIXELS / longest_side, may_draw_forms=False).to_pil()
    except pypdfium2.PdfiumError as error:
        raise Refused(Reason.DAMAGED) from error
    drawn.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    drawn.convert("RGB").save(picture, "JPEG", quality=_QUALITY, optimize=True)
