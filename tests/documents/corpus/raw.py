"""PDF files written byte by byte: a library would not write what is broken, or write it differently."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache

import pikepdf
from pikepdf import Pdf

from tests.factories.files import new_pdf, saved

CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
FONT = b"<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
TEXT = b"BT /F1 24 Tf 72 700 Td (Curriculum) Tj ET"


def page(more: bytes = b"", resources: bytes = FONT) -> bytes:
    """Return the source of a page that draws object 4."""
    return (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources "
        + resources
        + more
        + b">>"
    )


def stream(data: bytes, keys: bytes = b"") -> bytes:
    """Return the source of a stream."""
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), keys, data)


def zipped(data: bytes, keys: bytes = b"") -> bytes:
    """Return the source of a stream that is compressed."""
    return stream(zlib.compress(data, 9), b"/Filter/FlateDecode" + keys)


def objects(changes: Mapping[int, bytes] | None = None) -> dict[int, bytes]:
    """Return the objects of a page with one line of text, some of them replaced."""
    return {1: CATALOGUE, 2: PAGES, 3: page(), 4: stream(TEXT)} | dict(changes or {})


def raw_pdf(
    parts: Mapping[int, bytes], *, version: bytes = b"1.7", trailer: bytes = b"", previous: bytes = b""
) -> bytes:
    """Return a PDF of these objects with a classic table; `trailer` is more source for its trailer.

    In `trailer`, `@` stands for the offset of the table. `previous` are revisions before it.
    """
    out = bytearray(previous or b"%PDF-" + version + b"\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, source in parts.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, source)
    table = len(out)
    out += b"xref\n" + (b"0 1\n0000000000 65535 f \n" if not previous else b"")
    for number, offset in offsets.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, offset)
    more = trailer.replace(b"@", b"%d" % table)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (max(parts) + 1, more, table)
    return bytes(out)


def packed_pdf(
    parts: Mapping[int, bytes],
    *,
    packed: Mapping[int, bytes] | None = None,
    entries: Mapping[int, tuple[int, int, int]] | None = None,
    keys: bytes = b"",
    table_keys: bytes = b"",
    container: bytes | None = None,
    table_data: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Return a PDF with a cross-reference stream (object 20) and the objects `packed` in an object stream (object 10).

    `entries` replaces entries of the table; `keys` and `table_keys` are more source for the two dictionaries, where `@`
    stands for the offset of the table; `container` replaces the object stream; `table_data` changes the table's data.
    """
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    rows: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
    every = dict(parts)
    if packed or container:
        every[10] = container if container is not None else object_stream(packed or {}, keys)
        rows |= {number: (2, 10, rank) for rank, number in enumerate(packed or {})}
    for number, source in every.items():
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, source)
    table = len(out)
    rows |= {20: (1, table, 0)} | dict(entries or {})
    data = b"".join(
        b"%c%s%s" % (kind, first.to_bytes(4, "big"), second.to_bytes(2, "big"))
        for kind, first, second in (rows.get(number, (0, 0, 0)) for number in range(21))
    )
    data = table_data(data) if table_data else data
    more = b"/Type/XRef/W[1 4 2]/Size 21/Root 1 0 R" + table_keys.replace(b"@", b"%d" % table)
    out += b"20 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (zipped(data, more), table)
    return bytes(out)


def object_stream(packed: Mapping[int, bytes], keys: bytes = b"", *, padding: int = 0) -> bytes:
    """Return the source of an object stream, with `padding` spaces at its end."""
    head, body = b"", b""
    for number, source in packed.items():
        head += b"%d %d " % (number, len(body))
        body += source + b" "
    return zipped(
        head + body + b" " * padding, b"/Type/ObjStm/N %d/First %d" % (len(packed), len(head)) + keys
    )


@cache
def zeros(size: int) -> bytes:
    """Return `size` bytes, a multiple of 1 MiB, compressed: all blocks after the first are alike."""
    machine = zlib.compressobj(9)
    first, other = (
        machine.compress(bytes(1 << 20)) + machine.flush(zlib.Z_FULL_FLUSH) for _block in range(2)
    )
    end = b"\x03\x00" + struct.pack(">HH", size % 65521, 1)  # an empty last block, and the Adler-32 of zeros
    return first + other * ((size >> 20) - 1) + end


def changed(change: Callable[[Pdf], object], pages: int = 1) -> Callable[[], bytes]:
    """Return a builder of an ordinary PDF with a change."""

    def build() -> bytes:
        pdf = new_pdf(pages)
        change(pdf)
        return saved(pdf)

    return build


def updated(first: bytes, change: Callable[[Pdf], object]) -> bytes:
    """Return `first` with a second revision after it, which replaces its catalogue."""
    with pikepdf.open(io.BytesIO(first)) as pdf:
        change(pdf)
        root = pdf.Root.unparse(resolved=True)
        number = pdf.Root.objgen[0]
        size = int(pdf.trailer.get("/Size", 0))
    start = first[first.rindex(b"startxref") :].split()[1]
    table = len(first) + len(b"%d 0 obj\n%s\nendobj\n" % (number, root))
    return (
        first
        + b"%d 0 obj\n%s\nendobj\nxref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %s>>\n"
        % (number, root, number, len(first), size, number, start)
        + b"startxref\n%d\n%%%%EOF\n" % table
    )
