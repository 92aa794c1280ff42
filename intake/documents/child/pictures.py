"""Headers of pictures, read without decoding: their pixels, and their bytes without metadata."""

import struct
from collections.abc import Iterator
from itertools import takewhile

from intake.documents.child.refusal import Reason, Refused
from intake.documents.child.unpacking import unpack

# A progressive JPEG of a camera has about ten scans; each one makes a decoder work through all pixels again.
MAX_JPEG_SCANS = 64
# The text of a PNG, or its profile of colours: the largest profiles of presses have 4 MiB.
MAX_TEXT_BYTES = 8 * 1024 * 1024
_PACKED_CHUNKS = {b"zTXt", b"iTXt", b"iCCP"}
_TOO_MANY = 1 << 62
_SIZED = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # start of a frame: ITU-T T.81, table B.1
_BARE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_SCAN, _END, _ADOBE, _JFIF = 0xDA, 0xD9, 0xEE, 0xE0
_APPLICATION, _COMMENT = range(0xE0, 0xF0), 0xFE
_JFIF_BYTES, _ADOBE_BYTES = 18, 16  # of the marker and its segment, without a thumbnail or an addition
_JPX_ROOTS_KEPT = {b"jP  ", b"ftyp", b"rreq", b"jp2h", b"jpch", b"jplh", b"jp2c"}
_HEIC_BOXES = {b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid"}
_JPX_START, _JPX_SIZE, _JPX_COMMENT, _JPX_TILE = 0xFF4F, 0xFF51, 0xFF64, 0xFF90  # ISO/IEC 15444-1, table A.2
_JBIG2_PAGE = 48  # type of a segment: ITU-T T.88, 7.3


def declared_pixels(data: bytes, filter_name: str) -> int:
    """Return the pixels that the header of a picture declares, 0 if it declares none that can be read.

    `filter_name` is the PDF's. A JPEG with more than `MAX_JPEG_SCANS` scans counts as too many.
    """
    try:
        if filter_name in {"/DCTDecode", "/DCT"}:
            return _pixels_of_jpeg(data)
        if filter_name == "/JPXDecode":
            return _pixels_of_jpx(data)
        if filter_name == "/JBIG2Decode":
            return _pixels_of_jbig2(data)
    except (struct.error, IndexError):
        pass
    return 0


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the marker, start and end of each segment of a JPEG; a scan runs to the next marker."""
    position = 2
    while position + 2 <= len(data):
        if data[position] != 0xFF:  # noqa: PLR2004 -- every marker begins so
            position = _next_marker(data, position)
            continue
        marker = data[position + 1]
        if marker == 0xFF:  # noqa: PLR2004 -- fill byte
            position += 1
            continue
        if marker == _END:
            yield marker, position, position + 2
            return
        end = position + 2
        if marker not in _BARE:
            if end + 2 > len(data):
                return
            end += max(struct.unpack_from(">H", data, end)[0], 2)
        if marker == _SCAN:
            end = _next_marker(data, end)
        yield marker, position, min(end, len(data))
        position = end


def without_metadata(data: bytes, filter_name: str) -> bytes | None:
    """Return a picture of a PDF without comments, names, places and other metadata; None if it has none to remove.

    Nothing is decoded: the drawn pixels are the same. What an encoder needs stays: JFIF and Adobe's mark, which say how
    a JPEG's colours are stored. A PDF's own colour space replaces a JPEG's profile (ISO 32000-2, 8.9.5.1).
    """
    try:
        if filter_name in {"/DCTDecode", "/DCT"}:
            kept = _jpeg_without_metadata(data)
        elif filter_name == "/JPXDecode":
            kept = _jpx_without_metadata(data)
        else:
            return None
    except (struct.error, IndexError):
        return None
    return kept if kept != data else None


def end_of_picture(data: bytes) -> int:
    """Return where a JPEG, PNG or HEIC ends: the bytes after it belong to something else."""
    if data[4:8] == b"ftyp":
        own = takewhile(lambda box: box[0] in _HEIC_BOXES, _boxes(data))
        return max((end for _kind, _start, _content, end in own), default=0)
    if data.startswith(b"\x89PNG"):
        end = data.find(b"IEND\xaeB`\x82")
        return end + 8 if end >= 0 else len(data)
    end = len(data)
    for _marker, _start, stop in jpeg_segments(data):
        end = stop
    return end


def refuse_picture_bombs(data: bytes) -> None:
    """Raise `Refused` (TOO_COMPLEX) if a JPEG has too many scans, or the text of a PNG unpacks to too much."""
    if data.startswith(b"\xff\xd8") and _pixels_of_jpeg(data) >= _TOO_MANY:
        raise Refused(Reason.TOO_COMPLEX)
    for kind, content in _chunks(data) if data.startswith(b"\x89PNG") else ():
        if kind in _PACKED_CHUNKS:
            rest = content.partition(b"\0")[2]
            packed = (
                rest[1:] if kind != b"iTXt" else rest[2:].split(b"\0", 2)[-1] if rest[:1] == b"\1" else b""
            )
            unpack(packed, ["/FlateDecode"], MAX_TEXT_BYTES)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 8
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        yield kind, data[position + 8 : position + 8 + length]
        position += 12 + length


def _next_marker(data: bytes, position: int) -> int:
    while (position := data.find(b"\xff", position)) >= 0:
        following = data[position + 1 : position + 2]
        if not following:
            break
        if following[0] not in {0x00, 0xFF, *range(0xD0, 0xD8)}:
            return position
        position += 1 if following[0] == 0xFF else 2  # noqa: PLR2004 -- fill byte
    return len(data)


def _pixels_of_jpeg(data: bytes) -> int:
    pixels, scans = 0, 0
    for marker, start, _end in jpeg_segments(data):
        if marker in _SIZED:
            height, width = struct.unpack_from(">HH", data, start + 5)
            pixels = max(pixels, height * width)
        scans += marker == _SCAN
    return pixels if scans <= MAX_JPEG_SCANS else _TOO_MANY


def _jpeg_without_metadata(data: bytes) -> bytes:
    if not data.startswith(b"\xff\xd8"):
        return data
    kept = bytearray(data[:2])
    segments = list(jpeg_segments(data))
    if _SCAN not in {marker for marker, _start, _end in segments}:
        return data
    for marker, start, end in segments:
        if marker == _JFIF and data[start + 4 : start + 9] == b"JFIF\0":
            plain = bytearray(data[start : start + _JFIF_BYTES])
            plain[2:4] = (_JFIF_BYTES - 2).to_bytes(2, "big")
            plain[16:18] = b"\0\0"  # no thumbnail
            kept += plain
        elif marker == _ADOBE and data[start + 4 : start + 9] == b"Adobe":
            plain = bytearray(data[start : start + _ADOBE_BYTES])
            plain[2:4] = (_ADOBE_BYTES - 2).to_bytes(2, "big")
            kept += plain
        elif marker not in _APPLICATION and marker != _COMMENT:
            kept += data[start:end]
    return bytes(kept)


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield the type, start, content and end of each box of a JPEG 2000 or HEIC file."""
    position = 0
    while position + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        content = position + 8
        if size == 1:
            size = struct.unpack_from(">Q", data, content)[0]
            content += 8
        end = len(data) if size == 0 else position + max(size, content - position)
        yield kind, position, content, min(end, len(data))
        position = end


def _codestreams(data: bytes) -> Iterator[tuple[int, int]]:
    if data.startswith(_JPX_START.to_bytes(2, "big")):
        yield 0, len(data)
        return
    for kind, _start, content, end in _boxes(data):
        if kind == b"jp2c":
            yield content, end


def _pixels_of_jpx(data: bytes) -> int:
    pixels = 0
    for start, _end in _codestreams(data):
        if struct.unpack_from(">H", data, start + 2)[0] == _JPX_SIZE:
            right, bottom = struct.unpack_from(">II", data, start + 8)
            components = struct.unpack_from(">H", data, start + 40)[0]
            pixels = max(pixels, right * bottom * max(components // 4, 1))
    return pixels


def _jpx_without_metadata(data: bytes) -> bytes:
    if data.startswith(_JPX_START.to_bytes(2, "big")):
        return _codestream_without_comments(data)
    if next(_codestreams(data), None) is None:
        return data
    kept = bytearray()
    for kind, start, content, end in _boxes(data):
        if kind == b"jp2c":
            codestream = _codestream_without_comments(data[content:end])
            kept += struct.pack(">I4s", len(codestream) + 8, kind) + codestream
        elif kind in _JPX_ROOTS_KEPT:
            kept += data[start:end]
    return bytes(kept)


def _codestream_without_comments(data: bytes) -> bytes:
    kept, position = bytearray(data[:2]), 2
    while position + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, position)
        if marker == _JPX_TILE:
            break
        if marker != _JPX_COMMENT:
            kept += data[position : position + 2 + length]
        position += 2 + length
    return bytes(kept + data[position:])


def _pixels_of_jbig2(data: bytes) -> int:
    """Return the most pixels of a page of an embedded JBIG2 stream, which is a sequence of segments."""
    position, pixels = 0, 0
    while position + 11 <= len(data):
        number, flags, referred = struct.unpack_from(">IBB", data, position)
        count, position = referred >> 5, position + 6
        if count > 4:  # noqa: PLR2004 -- the long form
            count = struct.unpack_from(">I", data, position - 1)[0] & 0x1FFFFFFF
            position += 3 + (count + 8) // 8
        position += count * (1 if number <= 256 else 2 if number <= 65536 else 4)  # noqa: PLR2004 -- 7.2.5
        position += 4 if flags & 0x40 else 1
        length = struct.unpack_from(">I", data, position)[0]
        position += 4
        if flags & 0x3F == _JBIG2_PAGE:
            width, height = struct.unpack_from(">II", data, position)
            pixels = max(pixels, width * (height if height < 0xFFFFFFFF else 1))  # noqa: PLR2004 -- unknown
        if length == 0xFFFFFFFF:  # noqa: PLR2004 -- of unknown length: nothing after it can be found
            break
        position += length
    return pixels
