"""Bytes of another format in an upload: one file that two programs would open as two different things.

A file is judged where other programs look: before its start, after its end and, for a PDF, outside of its objects;
formats that are found from their end, or anywhere, are searched in the whole file.
"""

import re
import struct

from intake.documents.child.pictures import end_of_picture
from intake.documents.child.refusal import Reason, Refused
from intake.documents.child.structure import RawPdf

# Some printers, scanners, mail programs and web servers put these before or after a PDF.
_PADDING = rb"[\0\t\n\f\r \x1a]"
_BYTE_ORDER_MARK = rb"(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)"
_PRINTER = rb"(?:\x1b%-12345X[^\n]*\n?|@PJL[^\n]*\n?|\x04)"
_BOUNDARY = rb"--[A-Za-z0-9'()+_,./:=?-]{8,80}"
_COMMENT = rb"%(?!PDF-|!PS)[^\r\n]*[\r\n]"
# The head of a mail's part or of a web server's answer, which says that a PDF follows.
_VALUE = rb"[^\r\n<]*(?:\r?\n[ \t][^\r\n<]*)*\r?\n"
_IS_PDF = rb"Content-Type: *application/(?:pdf|x-pdf|octet-stream)\b" + _VALUE
_PART = (
    rb"(?:"
    + _BOUNDARY
    + rb"\r?\n)?(?:"
    + _IS_PDF
    + rb"|(?:Content-(?!Type:)[A-Za-z-]+|MIME-Version):"
    + _VALUE
    + rb")+\r?\n"
)
_ANSWER = (
    rb"HTTP/1\.[01] 200\b[^\r\n<]*\r?\n(?:"
    + _IS_PDF
    + rb"|(?!Content-Type:)[A-Za-z-]+:"
    + _VALUE
    + rb")*\r?\n"
)
_HONEST_START = re.compile(
    rb"(?:" + rb"|".join((_BYTE_ORDER_MARK, _PADDING, _PRINTER, _COMMENT, _PART, _ANSWER)) + rb")*",
    re.IGNORECASE,
)
MAX_NOISE_BYTES = 16
"""Bytes of no known format that a device may put before a PDF."""
_TEXT = re.compile(rb"[!-~]{3}")  # of which a command could be made
_OTHER_STARTS = re.compile(
    rb"\x1f[\x8b\x9d]|\x28\xb5\x2f\xfd|\x04\x22M\x18|MZ|BM|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]|"
    rb"\x1a\x45\xdf\xa3|\0\0[\x01\x02]\0|\0\0\x01[\xb3\xba]|\x30\x26\xb2\x75|\xff[\xf0-\xfb]",
)
_HONEST_END = re.compile(
    rb"(?:" + _PADDING + rb"|" + _PRINTER + rb"|%[^\r\n]*|" + _BOUNDARY + rb"(?=[\r\n]|$)|(.)\1*\Z)*",
    re.DOTALL,
)
_UNFINISHED = re.compile(rb"[0-9]+[\0\t\n\f\r ]+[0-9]+[\0\t\n\f\r ]+obj|\bxref\b|\btrailer\b|\bstartxref\b")

_BETWEEN_OBJECTS = re.compile(
    rb"(?:%[^\r\n]*|\btrailer\b[\s\0]*<<.*?>>(?=[\s\0]*(?:startxref|x?ref\b|%|\Z))|\bx?ref\b|\bstartxref\b|endobj|endstream|\b[fn]\b|[0-9]|"
    + _PADDING
    + rb")+",
    re.DOTALL,
)
# Remains of objects that were cut or overwritten. No honest file of the corpus has any.
MAX_BYTES_BETWEEN_OBJECTS = 8

_MARKUP = re.compile(
    rb"<\?(?:php|=|xml)|<!doctype|<(?:html|script|svg|iframe|body|head|hta:)[\s>/:]", re.IGNORECASE
)
_FOREIGN_STARTS = re.compile(
    rb"PK\x03\x04|PK\x05\x06|PK\x01\x02|\xff\xd8\xff[\xc0-\xfe]|\x89PNG\r\n|GIF8[79]a|\x7fELF|#!\s*/|%!PS|"
    rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|MSCF\0\0\0\0|\xd0\xcf\x11\xe0\xa1\xb1|\{\\rtf|\xfd7zXZ\0|BZh[1-9]1AY|\xca\xfe\xba\xbe|"
    rb"II\*\0|MM\0\*|RIFF....(?:WEBP|WAVE|AVI )|OggS\0|ID3[\x02-\x04]|fLaC",
    re.DOTALL,
)
_ARCHIVES_ANYWHERE = re.compile(rb"Rar!\x1a\x07[\0\x01]|7z\xbc\xaf\x27\x1c\0|MSCF\0\0\0\0")
_ZIP_TAIL_BYTES = 65_557  # the longest end of a ZIP directory: APPNOTE.TXT, 4.3.16
_IN_ZIP64 = 0xFFFFFFFF  # the size of the directory is in another record before this one
_TAR, _DISC, _DICOM = (257, b"ustar"), (32_769, b"CD001"), (128, b"DICM")
_KINDS = ((b"PK", "ZIP"), (b"Rar", "ZIP"), (b"7z", "ZIP"), (b"MSCF", "ZIP"), (b"%PDF", "PDF"), (b"<", "WEB"))


def refuse_polyglot_pdf(raw: RawPdf) -> None:
    """Raise `Refused` (POLYGLOT) if a PDF contains bytes of another format, (DAMAGED) if it ends within an object.

    Before its header these are honest, and not copied: blanks, a byte order mark, a printer's commands, comments, the
    head of a mail's part or of an answer that says that a PDF follows, and a few bytes that are neither text nor the
    start of another format. After its end also a boundary of a mail. What an object contains is not judged here: it is
    removed, or drawn.
    """
    data = raw.data
    start = max(data.find(b"%PDF-", 0, 1032), 0)
    honest = _HONEST_START.match(data, 0, start)
    if (honest is None or honest.end() < start) and not _is_noise(data[:start]):
        raise _refusal(data[:start])
    _refuse_anywhere(data)
    _refuse_archive_directory(data)
    for left, right in raw.outside:
        found = _MARKUP.search(data, left, right) or _FOREIGN_STARTS.search(data, left, right)
        if found:
            raise _refusal(found[0])
    end = data.rfind(b"%%EOF")
    _refuse_text_between_objects(raw, end)
    after = data[end + 5 :] if end >= 0 else b""
    if raw.is_outside(end) and (kept := _HONEST_END.match(after)) and kept.end() < len(after):
        rest = after[kept.end() :]
        raise Refused(Reason.DAMAGED) if _UNFINISHED.search(rest[:64]) else _refusal(rest)


def _is_noise(head: bytes) -> bool:
    return len(head) <= MAX_NOISE_BYTES and not _TEXT.search(head) and not _OTHER_STARTS.match(head)


def _refuse_text_between_objects(raw: RawPdf, end: int) -> None:
    """Raise `Refused` if there is more than the tables of a PDF between its objects: a script, for example."""
    total, header = 0, raw.data.find(b"%PDF-", 0, 1032)
    for left, right in raw.outside:
        text = raw.data[max(left, header) : min(right, end) if end >= 0 else right]
        total += sum(len(part) for part in _BETWEEN_OBJECTS.split(text))
        if total > MAX_BYTES_BETWEEN_OBJECTS:
            raise Refused(Reason.POLYGLOT, detected="OTHER") if end >= 0 else Refused(Reason.DAMAGED)


def refuse_polyglot_picture(data: bytes) -> None:
    """Raise `Refused` (POLYGLOT) if a JPEG, PNG or HEIC contains a PDF, a page, a program or an archive.

    A camera appends other pictures, a film or its own data: these are honest, and not copied.
    """
    if b"%PDF-" in data:
        raise Refused(Reason.POLYGLOT, detected="PDF")
    _refuse_anywhere(data)
    _refuse_archive_directory(data)
    after = data[end_of_picture(data) :]
    found = _MARKUP.search(after[:4096]) or re.match(rb"\s*(?:PK\x03\x04|MZ|\x7fELF|#!)", after)
    if found:
        raise _refusal(found[0].lstrip())


def _refuse_anywhere(data: bytes) -> None:
    found = _ARCHIVES_ANYWHERE.search(data)
    if found:
        raise _refusal(found[0])
    for position, mark in (_TAR, _DISC, _DICOM):
        if data.startswith(mark, position):
            raise Refused(Reason.POLYGLOT, detected="OTHER")


def _refuse_archive_directory(data: bytes) -> None:
    """Raise `Refused` if a ZIP program would find its directory from the end of the file."""
    position = len(data)
    lowest = max(len(data) - _ZIP_TAIL_BYTES, 0)
    while (position := data.rfind(b"PK\x05\x06", lowest, position)) >= 0:
        if position + 22 > len(data):
            continue
        size = struct.unpack_from("<I", data, position + 12)[0]
        entries = struct.unpack_from("<H", data, position + 10)[0]
        directory = position - size
        is_large = size == _IN_ZIP64
        if (
            is_large
            or (entries == 0 and size == 0)
            or (directory >= 0 and data.startswith(b"PK\x01\x02", directory))
        ):
            raise Refused(Reason.POLYGLOT, detected="ZIP")


def _refusal(foreign: bytes) -> Refused:
    kind = next((kind for mark, kind in _KINDS if foreign.startswith(mark)), "OTHER")
    return Refused(Reason.POLYGLOT, detected=kind)
