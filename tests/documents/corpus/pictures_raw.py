"""Pictures written byte by byte."""

import struct
import zlib

from tests.factories.files import picture_bytes


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG with its checksum."""
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def png(
    width: int, height: int, *, data: bytes | None = None, before: bytes = b"", interlaced: bool = False
) -> bytes:
    """Return a grey PNG, white unless `data` are its rows; `before` are chunks after its header."""
    rows = (b"\0" + b"\xff" * width) * height if data is None else data
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + before
        + png_chunk(b"IDAT", zlib.compress(rows, 9))
        + png_chunk(b"IEND", b"")
    )


def jpeg_of(width: int, height: int) -> bytes:
    """Return a small JPEG whose header declares `width` and `height`."""
    whole = picture_bytes(size=(16, 16), mode="L")
    frame = whole.index(b"\xff\xc0")
    return whole[: frame + 5] + struct.pack(">HH", height, width) + whole[frame + 9 :]


def jpeg_with(*segments: tuple[int, bytes], after: bytes = b"") -> bytes:
    """Return a JPEG with these segments, by marker and content, after its start."""
    whole = picture_bytes()
    more = b"".join(
        b"\xff%c%s%s" % (marker, (len(data) + 2).to_bytes(2, "big"), data) for marker, data in segments
    )
    return whole[:2] + more + whole[2:] + after


def jpx_of(width: int, height: int, *, in_file: bool = False) -> bytes:
    """Return the header of a JPEG 2000 picture, alone or in a file."""
    size = struct.pack(">HIIIIIIIIH", 0, width, height, 0, 0, width, height, 0, 0, 1) + b"\x07\x01\x01"
    stream = b"\xff\x4f\xff\x51" + (len(size) + 2).to_bytes(2, "big") + size + b"\xff\x90"
    if not in_file:
        return stream
    start = b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 "
    return start + struct.pack(">I4s", len(stream) + 8, b"jp2c") + stream
