"""Documents that kill a renderer: one needs all memory, one all processor time."""

import zlib
from functools import cache

_BLOCK = 1 << 24  # bytes
_BLOCKS = 8000


def memory_bomb() -> bytes:
    """Return one page whose content grows 64 times at each of four filters: 16 million times, more than any memory."""
    content = b"\x81" * 1_000_000  # 129: repeat the next byte, itself 129, 128 times
    return _page(content, b"/RunLengthDecode" * 4)


@cache
def cpu_burner() -> bytes:
    """Return one page of 200 kB whose content is 134 GB of spaces, which the last filter ignores: minutes of CPU time.

    Nested forms would not do: the dossier copies each drawn object once and renders none.
    """
    squeezer = zlib.compressobj(9)
    spaces = b" " * _BLOCK
    first = squeezer.compress(spaces) + squeezer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush no byte refers to earlier ones, so the same bytes can be repeated any number of times.
    again = squeezer.compress(spaces) + squeezer.flush(zlib.Z_FULL_FLUSH)
    return _page(zlib.compress(first + again * _BLOCKS, 9), b"/FlateDecode/FlateDecode/ASCIIHexDecode")


def self_drawing_form(width: int = 17, depth: int = 5) -> bytes:
    """Return a page of 1.6 kB whose form draws another 17 times, and so on: 83,521 drawings of the whole page.

    An inspection takes all the CPU seconds that it is allowed, and refuses it.
    """
    draws = b"/F Do " * width
    forms = [
        b"<</Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</F %d 0 R>>>>/Length %d>>"
        b"\nstream\n%b\nendstream" % (level + 6, len(draws), draws)
        for level in range(depth - 1)
    ]
    leaf = b"<</Type/XObject/Subtype/Form/BBox[0 0 612 792]/Length 16>>\nstream\n0 0 612 792 re f\nendstream"
    return _document(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>",
            b"<</Length 5>>\nstream\n/F Do\nendstream",
            *forms,
            leaf,
        ]
    )


def _page(content: bytes, filters: bytes) -> bytes:
    """Return a PDF of one page with this encoded content."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d/Filter[%b]>>\nstream\n%b\nendstream" % (len(content), filters, content),
    ]
    return _document(bodies)


def _document(bodies: list[bytes]) -> bytes:
    """Return a PDF of these objects, the first of which is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table)
    return bytes(out)
