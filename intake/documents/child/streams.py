"""Unpacked size of a PDF's streams, measured without keeping the unpacked bytes."""

import base64
import binascii
import zlib

import pikepdf
from pikepdf import Name

from intake.documents.child.refusal import Reason, Refused

_MIB = 1024 * 1024
# Drawing instructions of a page seldom exceed 2 MiB; a Letter page scanned at 600 dpi in colour is 100 MiB.
MAX_INSTRUCTIONS_BYTES = 48 * _MIB
MAX_PICTURE_BYTES = 256 * _MIB
MAX_UNPACKED_BYTES = 768 * _MIB
# A Letter page at 1200 dpi, in black and white.
MAX_PICTURE_PIXELS = 150_000_000
MAX_FILTERS = 3

_FLATE = {"/FlateDecode", "/Fl"}
_TEXTUAL = {"/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx"}
_RARE = {"/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}


def refuse_bombs(pdf: pikepdf.Pdf) -> None:
    """Unpack every stream of `pdf` without keeping it; raise at the first that exceeds a limit.

    :raises Refused: TOO_COMPLEX.
    :raises MemoryError: if a rarely used compression needs more memory than the limit.
    """
    total = 0
    for stream in pdf.objects:
        if not isinstance(stream, pikepdf.Stream):
            continue
        is_picture = stream.get("/Subtype") == Name.Image
        if is_picture and _pixels(stream) > MAX_PICTURE_PIXELS:
            raise Refused(Reason.TOO_COMPLEX)
        total += _unpacked_size(stream, MAX_PICTURE_BYTES if is_picture else MAX_INSTRUCTIONS_BYTES)
        if total > MAX_UNPACKED_BYTES:
            raise Refused(Reason.TOO_COMPLEX)


def _pixels(picture: pikepdf.Stream) -> int:
    try:
        return int(picture.get("/Width", 0)) * int(picture.get("/Height", 0))
    except (TypeError, ValueError):
        return 0


def _unpacked_size(stream: pikepdf.Stream, limit: int) -> int:
    filters = _filters(stream)
    if len(filters) > MAX_FILTERS:
        raise Refused(Reason.TOO_COMPLEX)
    if _RARE & set(filters):
        try:
            size = len(stream.read_bytes(decode_level=pikepdf.StreamDecodeLevel.specialized))
        except (pikepdf.PdfError, pikepdf.DataDecodingError):
            size = 0
        return _within(size, limit)
    data = stream.read_raw_bytes()
    size = len(data)
    for position, name in enumerate(filters):
        if name in _FLATE:
            keep = position + 1 < len(filters)
            data, size = _inflate(data, limit, keep=keep)
        elif name in _TEXTUAL:
            data = _from_text(data, name)
            size = len(data)
        else:
            break
    return size


def _filters(stream: pikepdf.Stream) -> list[str]:
    filters = stream.get("/Filter")
    if isinstance(filters, pikepdf.Array):
        return [str(name) for name in filters]
    return [str(filters)] if isinstance(filters, pikepdf.Name) else []


def _inflate(data: bytes, limit: int, *, keep: bool) -> tuple[bytes, int]:
    machine = zlib.decompressobj()
    unpacked, size = bytearray(), 0
    pending = data
    try:
        while pending and not machine.eof:
            piece = machine.decompress(pending, _MIB)
            size = _within(size + len(piece), limit)
            if keep:
                unpacked += piece
            pending = machine.unconsumed_tail
    except zlib.error:
        # A truncated stream still draws what it contains: all readers are lenient here.
        pass
    return bytes(unpacked), size


def _from_text(data: bytes, name: str) -> bytes:
    try:
        if name in {"/ASCIIHexDecode", "/AHx"}:
            digits = b"".join(data.split(b">", 1)[0].split())
            return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
        return base64.a85decode(data.split(b"~>", 1)[0].removeprefix(b"<~"), ignorechars=b" \t\n\r\v\0\f")
    except ValueError:
        return b""


def _within(size: int, limit: int) -> int:
    if size > limit:
        raise Refused(Reason.TOO_COMPLEX)
    return size
