"""Plain PDF documents for the demonstration: a title, headings, paragraphs. Standard library only.

The font is Helvetica, which every PDF reader has; text is encoded in Windows-1252, which covers French.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

PAGE: Final = (612, 792)  # points: the letter format of North America
MARGIN: Final = 72  # points, one inch
# Thousandths of the type size, from Adobe's metrics of Helvetica, from the space to the tilde.
_WIDTHS: Final = (
    [278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278]
    + [556] * 10
    + [278, 278, 584, 584, 584, 556, 1015]
    + [667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833]
    + [722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611]
    + [278, 278, 278, 469, 556, 333]
    + [556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833]
    + [556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500]
    + [334, 260, 334, 584]
)
_WIDEST: Final = 1000  # for a character without metrics: too wide only breaks a line early


@dataclass(frozen=True, slots=True)
class Style:
    """Style of a block: sizes in points, and which of the two fonts."""

    size: float
    leading: float
    before: float
    font: str = "F1"


TITLE: Final = Style(size=18, leading=24, before=0, font="F2")
HEADING: Final = Style(size=12, leading=16, before=14, font="F2")
TEXT: Final = Style(size=10.5, leading=15, before=6)

type Block = tuple[Style, str]


def make_pdf(*, title: str, blocks: list[Block]) -> bytes:
    """Return a PDF of `title` then `blocks`, on as many pages as they need.

    :raises UnicodeEncodeError: if a character is not in Windows-1252.
    """
    pages = [page.encode("cp1252") for page in _set_pages([(TITLE, title), *blocks])]
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (fr-CA) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        objects += [
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE[0]} {PAGE[1]}]"
                f" /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {6 + 2 * number} 0 R >>"
            ).encode(),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        ]
    objects.append(f"<< /Title <FEFF{title.encode('utf-16-be').hex().upper()}> >>".encode())
    return _assemble(objects)


def _assemble(objects: list[bytes]) -> bytes:
    """Number the objects from 1, the document information last, and write the cross-reference table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects))
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def _set_pages(blocks: list[Block]) -> Iterator[str]:
    """Yield the content of each page: each line at its own position, top to bottom."""
    page: list[str] = []
    height = float(PAGE[1] - MARGIN)
    for style, text in blocks:
        height -= style.before if page else 0
        for line in _lines(text, style):
            if height - style.leading < MARGIN:
                yield "\n".join(page)
                page, height = [], float(PAGE[1] - MARGIN)
            height -= style.leading
            escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            page.append(f"BT /{style.font} {style.size:g} Tf {MARGIN} {height:g} Td ({escaped}) Tj ET")
    yield "\n".join(page)


def _lines(text: str, style: Style) -> Iterator[str]:
    room = (PAGE[0] - 2 * MARGIN) * 1000 / style.size
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and _width(longer) > room:
            yield line
            line = word
        else:
            line = longer
    yield line


def _width(text: str) -> int:
    """Return the width of `text` in thousandths of the font size; an accent adds no width to its letter."""
    total = 0
    for character in text.replace("\u00a0", " "):
        code = ord(unicodedata.normalize("NFD", character)[0]) - 32
        total += _WIDTHS[code] if 0 <= code < len(_WIDTHS) else _WIDEST
    return total
