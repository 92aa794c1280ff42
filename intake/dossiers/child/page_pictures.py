"""Draw the pages of one PDF: `python -m intake.dossiers.child.page_pictures ROOM`, where ROOM contains `in.pdf`.

Writes `1.webp`, `2.webp`…, `text.json` and `words.json` in ROOM and exits with 0. A page that cannot be drawn has
neither a picture nor text; any other exit code: nothing was drawn.
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
_MAX_WORDS, _MAX_SIGNS = 4_000, 20_000
"""Of one page: words, and signs among which they are searched."""
_MAX_PICTURES, _MAX_NESTING = 100, 5
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
    texts: list[dict[str, Any] | None] = []
    words: list[dict[str, Any] | None] = []
    for index in range(min(len(document), MAX_PAGES)):
        page = _draw(document, index, room)
        texts.append(None if page is None else _size(page) | {"lines": list(_lines(page))})
        words.append(
            None
            if page is None
            else _size(page) | {"words": list(_words(page)), "pictures": list(_pictures(page))}
        )
    for name, pages in (("text", texts), ("words", words)):
        (room / f"{name}.json").write_text(json.dumps({"schema": 1, "pages": pages}), encoding="utf-8")


def _draw(document: "PdfDocument", index: int, room: Path) -> "PdfPage | None":
    import pypdfium2  # noqa: PLC0415 -- loaded by main

    try:
        page = document[index]
        width, height = page.get_size()
        scale = min(_WIDTH / width, _MAX_HEIGHT / height)
        drawn = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        drawn.save(room / f"{index + 1}.webp", "WEBP", quality=_QUALITY, method=2)
        return page  # noqa: TRY300 -- what follows it in the other case is the handler
    except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError, MemoryError):
        (room / f"{index + 1}.webp").unlink(missing_ok=True)
        return None


def _size(page: "PdfPage") -> dict[str, Any]:
    width, height = page.get_size()
    return {"width": round(width, 2), "height": round(height, 2)}


def _lines(page: "PdfPage") -> Iterator[list[Any]]:
    """Yield each piece of text with its box from the top left of the page as it is shown: x, y, width, height, text."""
    text = page.get_textpage()
    for rank in range(min(text.count_rects(), _MAX_LINES)):
        left, bottom, right, top = text.get_rect(rank)
        found = text.get_text_bounded(left, bottom, right, top)
        words = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in found).split())
        box = _box(page, left, bottom, right, top)
        if words and box[2] and box[3]:
            yield [*box, words[:_MAX_CHARACTERS]]


def _words(page: "PdfPage") -> Iterator[list[Any]]:
    """Yield each word with its box, as `_lines` does. A word ends at a space, or where the line does."""
    from pypdfium2 import raw  # noqa: PLC0415 -- loaded by main

    text = page.get_textpage()
    found, corners, yielded = "", [0.0] * 4, 0
    sides = raw.FS_RECTF()
    for rank in range(min(text.count_chars(), _MAX_SIGNS) + 1):
        code = raw.FPDFText_GetUnicode(text, rank) if rank < _MAX_SIGNS else 0
        sign = chr(code) if code else " "
        ends = sign.isspace() or unicodedata.category(sign) in {"Cc", "Cs"}
        if ends and found:
            yield [*_box(page, *corners), found[:_MAX_CHARACTERS]]
            found, yielded = "", yielded + 1
            if yielded >= _MAX_WORDS:
                return
        if ends or not raw.FPDFText_GetLooseCharBox(text, rank, byref(sides)):
            continue
        place = [sides.left, sides.bottom, sides.right, sides.top]
        if found:
            place = [*map(min, corners[:2], place[:2]), *map(max, corners[2:], place[2:])]
        found, corners = found + sign, place


def _pictures(page: "PdfPage") -> Iterator[tuple[float, ...]]:
    """Yield the box of each picture on the page, those in forms included."""
    from pypdfium2 import raw  # noqa: PLC0415 -- loaded by main

    for rank, picture in enumerate(page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=_MAX_NESTING)):
        if rank >= _MAX_PICTURES:
            return
        corners = picture.get_bounds()
        form = picture.container
        while form is not None:
            corners = form.get_matrix().on_rect(*corners)
            form = form.container
        yield _box(page, *corners)


def _box(page: "PdfPage", left: float, bottom: float, right: float, top: float) -> tuple[float, ...]:
    """Return x, y, width and height of a rectangle of the page's own space, from the top left as it is shown."""
    (x1, y1), (x2, y2) = (_place(page, *corner) for corner in ((left, top), (right, bottom)))
    return min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)


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
