"""Unpack the streams of a PDF within a limit: the unpacked size is known before a library unpacks them."""

import base64
import binascii
import zlib
from collections.abc import Sequence

from intake.documents.child.refusal import Reason, Refused

_MIB = 1024 * 1024
MAX_FILTERS = 3

_FLATE = {"/FlateDecode", "/Fl"}
_HEXADECIMAL = {"/ASCIIHexDecode", "/AHx"}
_BASE_85 = {"/ASCII85Decode", "/A85"}
_LZW = {"/LZWDecode", "/LZW"}
_RUNS = {"/RunLengthDecode", "/RL"}
_LZW_CLEAR, _LZW_END, _LZW_MAX_BITS = 256, 257, 12
_RUN_END = 128


def unpack(
    data: bytes, filters: Sequence[str], limit: int, *, keep: bool = False, early_change: bool = True
) -> tuple[bytes, int, Sequence[str]]:
    """Undo the general filters of a stream; return its bytes, its size, and the filters that are left.

    The filters of pictures (`/DCTDecode` and others) are left as they are. The bytes after a last Flate filter are
    counted only, unless `keep`. A truncated stream unpacks to what it contains, as in all readers. `early_change` is
    the parameter of LZW.

    :raises Refused: TOO_COMPLEX, above `limit` bytes or `MAX_FILTERS`.
    """
    if len(filters) > MAX_FILTERS:
        raise Refused(Reason.TOO_COMPLEX)
    size = len(data)
    for position, name in enumerate(filters):
        if name in _FLATE:
            data, size = _inflate(data, limit, keep=keep or position + 1 < len(filters))
        elif name in _HEXADECIMAL | _BASE_85:
            data = _from_text(data, name)
            size = len(data)
        elif name in _LZW:
            data = _unpack_lzw(data, limit, early_change=early_change)
            size = len(data)
        elif name in _RUNS:
            data = _unpack_runs(data, limit)
            size = len(data)
        else:
            return data, size, filters[position:]
    return data, size, ()


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
        if name in _HEXADECIMAL:
            digits = b"".join(data.split(b">", 1)[0].split())
            return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
        return base64.a85decode(data.split(b"~>", 1)[0].removeprefix(b"<~"), ignorechars=b" \t\n\r\v\0\f")
    except ValueError:
        return b""


def _unpack_lzw(data: bytes, limit: int, *, early_change: bool) -> bytes:
    """Unpack LZW (ISO 32000-2, 7.4.4)."""
    fixed = [bytes([value]) for value in range(256)] + [b"", b""]
    table, unpacked, before = list(fixed), bytearray(), b""
    bits, waiting, width = 0, 0, 9
    for byte in data:
        bits, waiting = (bits << 8 | byte) & 0xFFFFFF, waiting + 8
        if waiting < width:
            continue
        waiting -= width
        code = bits >> waiting & (1 << width) - 1
        if code == _LZW_END:
            break
        if code == _LZW_CLEAR:
            table, before, width = list(fixed), b"", 9
            continue
        if code < len(table):
            entry = table[code]
        elif before:
            entry = before + before[:1]
        else:
            break
        if before and len(table) < 1 << _LZW_MAX_BITS:
            table.append(before + entry[:1])
        unpacked += entry
        _within(len(unpacked), limit)
        before = entry
        width = min(max((len(table) + early_change).bit_length(), 9), _LZW_MAX_BITS)
    return bytes(unpacked)


def _unpack_runs(data: bytes, limit: int) -> bytes:
    """Unpack run lengths (ISO 32000-2, 7.4.5)."""
    unpacked, position = bytearray(), 0
    while position < len(data) and (length := data[position]) != _RUN_END:
        if length < _RUN_END:
            unpacked += data[position + 1 : position + 2 + length]
            position += 2 + length
        else:
            unpacked += data[position + 1 : position + 2] * (257 - length)
            position += 2
        _within(len(unpacked), limit)
    return bytes(unpacked)


def _within(size: int, limit: int) -> int:
    if size > limit:
        raise Refused(Reason.TOO_COMPLEX)
    return size
