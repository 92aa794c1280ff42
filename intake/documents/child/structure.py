"""Structure of a PDF in its raw bytes, checked before a library opens it: tables, object streams, bytes outside.

A library unpacks cross-reference streams and object streams as it opens a file; here they are found, measured and
followed first. What a file hides from this reading still meets the limits of the process.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from intake.documents.child.refusal import Reason, Refused
from intake.documents.child.unpacking import unpack

_MIB = 1024 * 1024
# A document of 60,000 objects has some 12 MiB of dictionaries.
MAX_STRUCTURE_BYTES = 32 * _MIB
MAX_TABLES = 1000

_SPACE = rb"[\0\t\n\f\r ]"
_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,10})" + _SPACE + rb"+[0-9]{1,5}" + _SPACE + rb"+obj(?![A-Za-z])")
_STREAM = re.compile(rb">>(?:" + _SPACE + rb"|%[^\r\n]*[\r\n])*stream(?:\r\n|\n|\r)?")
_LENGTH = re.compile(rb"/Length" + _SPACE + rb"+([0-9]{1,10})(?!" + _SPACE + rb"+[0-9]+" + _SPACE + rb"+R)")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_FILTER = re.compile(rb"/Filter(?![A-Za-z0-9])" + _SPACE + rb"*(\[[^\]]*\]|/[A-Za-z0-9]+)?")
_NAME = re.compile(rb"/[A-Za-z0-9]+")
_EXTENDS = re.compile(rb"/Extends" + _SPACE + rb"+([0-9]{1,10})" + _SPACE + rb"+[0-9]+" + _SPACE + rb"+R")
_START = re.compile(rb"startxref" + _SPACE + rb"+([0-9]{1,10})")
_PREVIOUS = re.compile(rb"/Prev" + _SPACE + rb"+([0-9]{1,10})")
_HYBRID = re.compile(rb"/XRefStm" + _SPACE + rb"+([0-9]{1,10})")
_PACKED = 2  # type of an entry: an object in an object stream
_PNG_PREDICTORS, _UP = 10, 2
_STRUCTURAL = (b"/ObjStm", b"/XRef", b"/First")


@dataclass(frozen=True, slots=True)
class RawStream:
    """A stream in the bytes of a file."""

    number: int
    dictionary: bytes
    """Source of its dictionary, with the escapes of names resolved."""
    data: bytes


class RawPdf:
    """The bytes of a PDF, divided in objects, streams and what is outside of both."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.outside: list[tuple[int, int]] = []
        """Start and end of each part outside of objects."""
        self.structural: list[RawStream] = []
        """Cross-reference and object streams."""
        self._divide()

    def _divide(self) -> None:
        position = 0
        while found := _OBJECT.search(self.data, position):
            self.outside.append((position, found.start()))
            position = self._end_of_object(int(found[1]), found.end())
        self.outside.append((position, len(self.data)))

    def _end_of_object(self, number: int, start: int) -> int:
        end = self.data.find(b"endobj", start)
        following = _OBJECT.search(self.data, start, end if end >= 0 else len(self.data))
        limit = following.start() if following else end if end >= 0 else len(self.data)
        stream = _STREAM.search(self.data, start, limit + len(b"stream\r\n"))
        if stream is None or stream.start() > limit:
            return limit if following or end < 0 else end + len(b"endobj")
        end = self._end_of_stream(number, self.data[start : stream.start() + 2], stream.end())
        # The object ends soon after its stream, or is not ended at all.
        tail = self.data.find(b"endobj", end, end + 64)
        return tail + len(b"endobj") if tail >= 0 else end

    def _end_of_stream(self, number: int, head: bytes, start: int) -> int:
        dictionary = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), head)
        length = _LENGTH.search(dictionary)
        end = start + int(length[1]) if length else -1
        if end < 0 or not self.data[end : end + 32].lstrip(b"\0\t\n\f\r ").startswith(b"endstream"):
            end = self.data.find(b"endstream", start)
            end = len(self.data) if end < 0 else end
        if any(mark in dictionary for mark in _STRUCTURAL):
            self.structural.append(RawStream(number, dictionary, self.data[start:end]))
        found = self.data.find(b"endstream", end, end + 64)
        return found + len(b"endstream") if found >= 0 else end

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _end in self.outside]

    def is_outside(self, position: int) -> bool:
        """True if the byte at `position` is outside of objects."""
        rank = bisect_right(self._starts, position) - 1
        return rank >= 0 and position < self.outside[rank][1]


def refuse_unsafe_structure(raw: RawPdf) -> None:
    """Measure what a library unpacks as it opens a file, and follow what may lead back to itself.

    :raises Refused: TOO_COMPLEX if it unpacks to too much; SELF_REFERENCE.
    """
    _refuse_loops_of_tables(raw.data)
    left = MAX_STRUCTURE_BYTES
    leads: dict[int, set[int]] = {}
    for stream in raw.structural:
        data, size = _unpack(stream, left)
        left -= size
        if b"/XRef" in stream.dictionary:
            _refuse_containers_in_containers(stream, data)
        else:
            leads.setdefault(stream.number, set()).update(_contained(stream, data))
    if has_loop(leads):
        raise Refused(Reason.SELF_REFERENCE)


def has_loop(leads: Mapping[int, set[int]]) -> bool:
    """Return whether a number leads back to itself. No recursion: depth may be hostile."""
    done: set[int] = set()
    for start in leads:
        path: dict[int, Iterator[int]] = {start: iter(leads[start])} if start not in done else {}
        while path:
            number = next(reversed(path))
            following = next(path[number], None)
            if following is None:
                del path[number]
                done.add(number)
            elif following in path:
                return True
            elif following in leads and following not in done:
                path[following] = iter(leads[following])
    return False


def _unpack(stream: RawStream, limit: int) -> tuple[bytes, int]:
    filters = _FILTER.findall(stream.dictionary)
    if len(filters) > 1 or b"" in filters:
        # Declared twice, or in another object that only the library would find.
        raise Refused(Reason.TOO_COMPLEX)
    names = [name.decode() for name in _NAME.findall(filters[0])] if filters else []
    data, size, _left = unpack(stream.data, names, limit, keep=True)
    if size > limit:
        raise Refused(Reason.TOO_COMPLEX)
    return data, size


def _contained(stream: RawStream, data: bytes) -> Iterator[int]:
    """Yield the numbers of the objects in an object stream, and of the stream that it extends."""
    extends = _EXTENDS.search(stream.dictionary)
    if extends:
        yield int(extends[1])
    count = re.search(rb"/N" + _SPACE + rb"+([0-9]{1,9})", stream.dictionary)
    first = re.search(rb"/First" + _SPACE + rb"+([0-9]{1,9})", stream.dictionary)
    if count and first:
        words = data[: int(first[1])].split()[: 2 * int(count[1])]
        yield from (int(word) for word in words[::2] if word.isdigit() and len(word) <= 10)  # noqa: PLR2004 -- as above


def _refuse_containers_in_containers(stream: RawStream, data: bytes) -> None:
    """Raise `Refused` if a table says that an object stream, or the table, is stored in an object stream."""
    words = re.search(rb"/W" + _SPACE + rb"*\[([0-9\0\t\n\f\r ]+)\]", stream.dictionary)
    widths = [int(word) for word in words[1].split()[:3]] if words else []
    if len(widths) != 3 or not 0 < sum(widths) <= 64:  # noqa: PLR2004 -- three fields, each of a few bytes
        return
    index = re.search(rb"/Index" + _SPACE + rb"*\[([0-9\0\t\n\f\r ]+)\]", stream.dictionary)
    bounds = [int(word) for word in index[1].split()] if index else [0, len(data)]
    numbers = chain.from_iterable(range(a, a + n) for a, n in zip(bounds[::2], bounds[1::2], strict=False))
    containers: dict[int, int] = {}
    for number, row in zip(numbers, _rows(stream, data, sum(widths)), strict=False):
        if int.from_bytes(row[: widths[0]]) == _PACKED and widths[0]:
            containers[number] = int.from_bytes(row[widths[0] : widths[0] + widths[1]])
    if stream.number in containers or not containers.keys().isdisjoint(containers.values()):
        raise Refused(Reason.SELF_REFERENCE)


def _rows(stream: RawStream, data: bytes, width: int) -> Iterator[bytes]:
    """Yield the rows of a table. Producers use no predictor, or the one that adds the row above."""
    predictor = re.search(rb"/Predictor" + _SPACE + rb"+([0-9]{1,2})", stream.dictionary)
    if predictor is None or int(predictor[1]) < _PNG_PREDICTORS:
        yield from (data[start : start + width] for start in range(0, len(data) - width + 1, width))
        return
    above = bytes(width)
    for start in range(0, len(data) - width, width + 1):
        row = data[start + 1 : start + 1 + width]
        if data[start] == _UP:
            row = bytes((one + other) & 0xFF for one, other in zip(row, above, strict=True))
        yield row
        above = row


def _refuse_loops_of_tables(data: bytes) -> None:
    starts = [int(found[1]) for found in _START.finditer(data)]
    if len(starts) > MAX_TABLES:
        raise Refused(Reason.TOO_COMPLEX)
    header = max(data.find(b"%PDF-", 0, 1032), 0)
    for base in {0, header}:
        leads: dict[int, set[int]] = {}
        for start in starts:
            table: int | None = start
            while table is not None and table not in leads and len(leads) <= MAX_TABLES:
                leads[table] = set()
                source = _dictionary_of_table(data, base + table)
                previous, hybrid = _PREVIOUS.search(source), _HYBRID.search(source)
                if hybrid and int(hybrid[1]) == table:
                    raise Refused(Reason.SELF_REFERENCE)
                table = int(previous[1]) if previous else None
                if table is not None:
                    leads[next(reversed(leads))].add(table)
        if has_loop(leads):
            raise Refused(Reason.SELF_REFERENCE)


def _dictionary_of_table(data: bytes, position: int) -> bytes:
    """Return the source of a table's dictionary, empty if there is no table at `position`."""
    start = re.compile(_SPACE + rb"*").match(data, min(position, len(data)))
    at = start.end() if start else position
    if data.startswith(b"xref", at):
        trailer = data.find(b"trailer", at)
        end = data.find(b"startxref", trailer)
        return data[trailer : end if end >= 0 else len(data)] if trailer >= 0 else b""
    found = _OBJECT.match(data, at)
    if found is None:
        return b""
    stream = _STREAM.search(data, found.end(), found.end() + 65536)
    return data[found.end() : stream.start()] if stream else b""
