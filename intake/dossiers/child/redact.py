"""Draw the pages of one PDF with black areas: `python -m intake.dossiers.child.redact ROOM`.

ROOM contains `in.pdf` and `areas.json`: per page, from 1, the areas to cover, each as left, top, width and height in
per cent of the page as it is shown. Writes one JPEG for each of these pages and exits with 0; any other exit code:
nothing was drawn. A JPEG has pixels alone: no text, no hidden layer, no metadata of the document. A page that cannot be
drawn is black.
"""

import json
import os
import sys
from dataclasses import replace
from math import ceil, floor, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake.documents.child.limits import exit_with_parent

from . import sandbox

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument, PdfPage

LIMITS: Final = replace(sandbox.DRAWING, written_file_bytes=16 * 1024 * 1024, threads=False)
DOTS_PER_INCH: Final = 150
"""Small print is legible, and a page takes some 200 kB."""
_MAX_PIXELS, _MAX_SIDE = 12_000_000, 8_000
"""Of one page: larger paper than A3 is drawn more coarsely."""
_QUALITY: Final = 80
_LETTER: Final = (1275, 1650)
_MARGIN: Final = 1
"""Pixels by which each area is enlarged: the edge of a letter is smoothed into the next pixel."""


def main(room: Path) -> None:
    """Draw each page that `areas.json` names."""
    exit_with_parent()
    LIMITS.apply()
    with sandbox.start_no_program():
        import pypdfium2  # noqa: PLC0415 -- after limits, before sandbox
        from PIL import ImageDraw, JpegImagePlugin  # noqa: F401, PLC0415 -- loaded before the sandbox closes its files
    sandbox.enter_sandbox({str(room / "in.pdf")}, room)
    document = pypdfium2.PdfDocument(room / "in.pdf")
    for number, areas in json.loads((room / "areas.json").read_bytes()).items():
        drawn = _draw(document, int(number), areas)
        drawn.save(room / f"{number}.jpg", "JPEG", quality=_QUALITY)


def _draw(document: "PdfDocument", number: int, areas: list[list[float]]) -> "Image":
    import pypdfium2  # noqa: PLC0415 -- loaded by main
    from PIL import Image, ImageDraw  # noqa: PLC0415 -- loaded by main

    try:
        page = document[number - 1]
        width, height = page.get_size()
        finest = min(sqrt(_MAX_PIXELS / (width * height)), _MAX_SIDE / max(width, height))
        bitmap = page.render(scale=min(DOTS_PER_INCH / 72, finest), may_draw_forms=False)
        drawn: Image.Image = bitmap.to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, ValueError, IndexError, ZeroDivisionError, MemoryError):
        return Image.new("RGB", _LETTER)
    pen = ImageDraw.Draw(drawn)
    across, down = drawn.width / 100, drawn.height / 100
    for left, top, wide, high in areas:
        corner = (floor(left * across) - _MARGIN, floor(top * down) - _MARGIN)
        other = (ceil((left + wide) * across) + _MARGIN, ceil((top + high) * down) + _MARGIN)
        pen.rectangle((corner, other), fill="black")
    return drawn.crop((0, _strip_height(page, drawn.height / height), drawn.width, drawn.height))


def _strip_height(page: "PdfPage", scale: float) -> int:
    """Return the height in pixels of the strip that `merge` puts above a document's page, which begins at 0."""
    _left, bottom, _right, top = page.get_mediabox()
    return ceil(top * scale) if bottom < 0 < top else 0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)  # as in `__main__`: the files are written and closed
