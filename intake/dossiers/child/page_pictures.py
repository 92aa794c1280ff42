"""Draw the pages of one PDF: `python -m intake.dossiers.child.page_pictures ROOM`, where ROOM contains `in.pdf`.

Writes `1.webp`, `2.webp`… and `text.json` in ROOM and exits with 0. A page that cannot be drawn has neither a picture
nor text; any other exit code: nothing was drawn.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Iterator
from ctypes import byref, c_int
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from intake.documents.child.limits import exit_with_parent

from . import sandbox

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

LIMITS: Final = replace(sandbox.DRAWING, written_file_bytes=16 * 1024 * 1024, threads=False)
"""Limits for all pages of one dossier."""
MAX_PAGES: Final = 300
_WIDTH: Final = 1100
"""Pixels of a page's width: 130 dots an inch on Letter paper, twice the width at which a screen of 1,280 shows it."""
_MAX_HEIGHT: Final = 4400
_QUALITY: Final = 60
_MAX_LINES, _MAX_CHARACTERS = 400, 500
"""Of the text of one page, and of one line of it. A form has about 150 lines."""
_TENTHS: Final = 10
"""Steps of a point in which places are computed: PDFium gives whole numbers."""


def main(room: Path) -> None:
    """Draw each page of `in.pdf`, and write its text."""
    exit_with_parent()
    LIMITS.apply()
    with sandbox.start_no_program():
        import pypdfium2  # noqa: PLC0415 -- after limits, before sandbox
        from PIL import WebPImagePlugin  # noqa: F401, PLC0415 -- loaded before the sandbox closes its files
    sandbox.enter_sandbox({str(room / "in.pdf")}, room)
    document = pypdfium2.PdfDocument(room / "in.pdf")
    pages = [_draw(document, index, room) for index in range(min(len(document), MAX_PAGES))]
    (room / "text.json").write_text(json.dumps({"schema": 1, "pages": pages}), encoding="utf-8")


def _draw(document: "PdfDocument", index: int, room: Path) -> dict[str, Any] | None:
    import pypdfium2  # noqa: PLC0415 -- loaded by main

    try:
        page = document[index]
        width, height = page.get_size()
        scale = min(_WIDTH / width, _MAX_HEIGHT / height)
        drawn = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        drawn.save(room / f"{index + 1}.webp", "WEBP", quality=_QUALITY, method=2)
        return {"width": round(width, 2), "height": round(height, 2), "lines": list(_lines(page))}
    except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError, MemoryError):
        (room / f"{index + 1}.webp").unlink(missing_ok=True)
        return None


def _lines(page: "PdfPage") -> Iterator[list[Any]]:
    """Yield each piece of text with its box from the top left of the page as it is shown: x, y, width, height, text."""
    text = page.get_textpage()
    for rank in range(min(text.count_rects(), _MAX_LINES)):
        left, bottom, right, top = text.get_rect(rank)
        found = text.get_text_bounded(left, bottom, right, top)
        words = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in found).split())
        (x1, y1), (x2, y2) = (_place(page, *corner) for corner in ((left, top), (right, bottom)))
        box = (min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))
        if words and box[2] and box[3]:
            yield [*box, words[:_MAX_CHARACTERS]]


def _place(page: "PdfPage", x: float, y: float) -> tuple[float, float]:
    """Return the place of a point of the page's own space as it is shown, turned and cropped, in points."""
    from pypdfium2 import raw  # noqa: PLC0415 -- loaded by main

    width, height = (round(side * _TENTHS) for side in page.get_size())
    across, down = c_int(), c_int()
    raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, byref(across), byref(down))
    return across.value / _TENTHS, down.value / _TENTHS


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)  # as in `__main__`: the files are written and closed
