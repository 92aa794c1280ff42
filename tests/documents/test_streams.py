"""The unpacked size of a PDF is measured exactly, and bounded, before a page is rendered."""

import base64
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from intake.documents.child import active, streams
from intake.documents.child.refusal import Refused
from intake.documents.child.streams import refuse_bombs
from tests.documents.corpus.pictures_raw import jpeg_of

TEXT = b"0 0 m 9 9 l S\n" * 100  # 1400 bytes unpacked
A85 = base64.a85encode(TEXT) + b"~>"
HEX = TEXT.hex().encode() + b">"
RUNS = bytes([256 - 99]) + b" "  # 100 spaces, then the end marker
LZW = bytes(
    [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01]
)  # example of ISO 32000-1, 7.4.4.2: 10 bytes


@pytest.fixture
def pdf() -> Pdf:
    return pikepdf.new()


def stream(pdf: Pdf, data: bytes, *filters: str, **keys: object) -> Stream:
    made = Stream(pdf, b"", **keys)
    names = [Name(f"/{one}") for one in filters]
    made.write(data, filter=names[0] if len(names) == 1 else Array(names) if names else None)
    return made


PACKED: list[tuple[str, bytes, tuple[str, ...], int | None]] = [
    ("plain", TEXT, (), 1400),
    ("zipped", zlib.compress(TEXT), ("FlateDecode",), 1400),
    ("zipped, short name", zlib.compress(TEXT), ("Fl",), 1400),
    ("zipped twice", zlib.compress(zlib.compress(TEXT)), ("FlateDecode", "FlateDecode"), 1400),
    ("figures", HEX, ("ASCIIHexDecode",), 1400),
    ("figures, short name", HEX, ("AHx",), 1400),
    ("figures, spaced, odd, and more after the end", b"41 4\n2 4> 99 99", ("AHx",), 3),
    ("no figures", b"zz>", ("ASCIIHexDecode",), 0),
    ("letters", A85, ("ASCII85Decode",), 1400),
    ("letters, short name, marked at their start", b"<~" + A85, ("A85",), 1400),
    ("letters, spaced", A85[:5] + b" \t\n\r\v\0\f" + A85[5:] + b" more", ("A85",), 1400),
    ("no letters", b"\x7f\x7f~>", ("A85",), 0),
    ("letters, then zipped", base64.a85encode(zlib.compress(TEXT)), ("A85", "Fl"), 1400),
    ("zipped, then figures", zlib.compress(HEX), ("Fl", "AHx"), 1400),
    ("a picture's own packing is not opened", TEXT, ("DCTDecode",), 1400),
    ("nor what is behind it", zlib.compress(zlib.compress(TEXT)), ("Fl", "DCTDecode", "Fl"), None),
    ("runs", RUNS + b"\x80", ("RunLengthDecode",), 100),
    ("runs, short name", RUNS + b"\x80", ("RL",), 100),
    ("repeated", LZW, ("LZWDecode",), 10),
    ("repeated, short name", LZW, ("LZW",), 10),
    ("cut short", zlib.compress(bytes(range(256)) * 40)[:-9], ("FlateDecode",), None),
    ("more after the end", zlib.compress(TEXT) + TEXT, ("FlateDecode",), 1400),
]


@pytest.mark.parametrize("data, filters, size", [row[1:] for row in PACKED], ids=[row[0] for row in PACKED])
def test_a_stream_is_measured_as_it_unpacks(
    data: bytes, filters: tuple[str, ...], size: int | None, pdf: Pdf
) -> None:
    measured = streams._unpacked_size(stream(pdf, data, *filters))
    if size is None:  # the bytes that unpack before the cut
        size = len(zlib.decompressobj().decompress(data))
    assert measured == size


def test_a_stream_that_does_not_match_its_filter_has_size_zero(pdf: Pdf) -> None:
    assert streams._unpacked_size(stream(pdf, b"not zipped", "FlateDecode")) == 0
    assert streams._unpacked_size(stream(pdf, b"\xff\xff\xff", "LZWDecode")) == 0


@pytest.mark.parametrize("filters, is_taken", [(3, True), (4, False)])
def test_three_filters_are_unpacked_and_not_four(filters: int, *, is_taken: bool, pdf: Pdf) -> None:
    data = b" "
    for _one in range(filters):
        data = zlib.compress(data)
    assert _is_taken(lambda: stream(pdf, data, *["Fl"] * filters), pdf) == is_taken


@pytest.mark.parametrize("over", [0, 1])
def test_the_unpacked_size_is_limited_to_the_byte(
    over: int, pdf: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MAX_INSTRUCTIONS_BYTES", 100)
    spaces = b" " * (100 + over)
    assert _is_taken(lambda: stream(pdf, zlib.compress(spaces), "Fl"), pdf) == (not over)
    apart, runs = pikepdf.new(), RUNS + (b"\0 " if over else b"")
    assert _is_taken(lambda: stream(apart, runs, "RunLengthDecode"), apart) == (not over)


def test_a_picture_may_be_larger_than_instructions(pdf: Pdf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_INSTRUCTIONS_BYTES", 10)
    monkeypatch.setattr(streams, "MAX_PICTURE_BYTES", 20)
    packed = zlib.compress(b" " * 20)
    assert _is_taken(lambda: stream(pdf, packed, "Fl", Subtype=Name.Image), pdf)
    assert not _is_taken(lambda: stream(pdf, packed, "Fl", Subtype=Name.Form), pdf)


@pytest.mark.parametrize("streams_of_ten, is_taken", [(3, True), (4, False)])
def test_all_streams_share_one_limit(
    streams_of_ten: int, *, is_taken: bool, pdf: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MAX_UNPACKED_BYTES", 30)
    pdf.make_indirect(Dictionary(No="stream"))
    assert _is_taken(lambda: [stream(pdf, b" " * 10) for _one in range(streams_of_ten)], pdf) == is_taken


@pytest.mark.parametrize(
    "width, height, is_taken",
    [(10, 15, True), (10, 16, False), (-3, 4, True), (Name.Wide, 1000, True), (None, 1000, True)],
)
def test_the_declared_pixels_of_a_picture_are_limited(
    width: object, height: int, *, is_taken: bool, pdf: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MAX_PICTURE_PIXELS", 150)
    keys = {"Width": width, "Height": height} if width is not None else {"Height": height}
    assert _is_taken(lambda: stream(pdf, b" ", Subtype=Name.Image, **keys), pdf) == is_taken
    assert _is_taken(lambda: stream(pikepdf.new(), b" ", Subtype=Name.Form, **keys), pikepdf.new())


@pytest.mark.parametrize("height, is_taken", [(15, True), (16, False)])
def test_the_pixels_in_the_header_of_a_picture_are_limited_whatever_it_declares(
    height: int, *, is_taken: bool, pdf: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MAX_PICTURE_PIXELS", 150)
    packed = jpeg_of(10, height).hex().encode() + b">"
    assert _is_taken(lambda: stream(pdf, packed, "AHx", "DCTDecode", Width=1, Height=1), pdf) == is_taken


def _is_taken(make: Callable[[], object], pdf: Pdf) -> bool:
    make()
    try:
        refuse_bombs(pdf)
    except Refused as refused:
        return (refused.code, refused.facts) != ("TOO_COMPLEX", {})
    return True


# -- Each dictionary is visited ---


def _names(pdf: Pdf) -> list[str]:
    return sorted(str(node["/N"]) for node in active.dictionaries(pdf) if "/N" in node)


def test_every_dictionary_is_visited_once_by_whichever_path(pdf: Pdf) -> None:
    inner = Dictionary(N=Name.inner, Deep=Array([Array([Dictionary(N=Name.deepest)])]))
    shared = pdf.make_indirect(Dictionary(N=Name.shared))
    shared.Itself = shared
    pdf.Root.Odd = Dictionary(N=Name.outer, A=inner, B=shared, C=shared)
    pdf.trailer.Odd = Dictionary(N=Name.trailer)
    Stream(pdf, b"", N=Name.stream, A=Dictionary(N=Name.unreachable))
    assert _names(pdf) == ["/deepest", "/inner", "/outer", "/shared", "/stream", "/trailer", "/unreachable"]


@pytest.mark.parametrize("bound", ["MAX_OBJECTS", "MAX_NODES"])
def test_a_document_may_have_the_maximum_of_objects_and_not_one_more(
    bound: str, pdf: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        pdf.make_indirect(Dictionary(N=Name(f"/{number}")))
    # The catalogue and the page tree are objects too; the trailer, their names and their list are nodes.
    exactly = {"MAX_OBJECTS": 2 + 5, "MAX_NODES": 1 + 2 + 3 + 2 * 5}[bound]
    monkeypatch.setattr(active, bound, exactly)
    assert _names(pdf) == ["/0", "/1", "/2", "/3", "/4"]
    monkeypatch.setattr(active, bound, exactly - 1)
    with pytest.raises(Refused) as refused:
        _names(pdf)
    assert refused.value.code == "TOO_COMPLEX"
