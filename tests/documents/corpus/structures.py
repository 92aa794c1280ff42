"""Hostile: files that are cut, broken, locked, or lead back to themselves."""

from collections.abc import Callable
from functools import cache, partial
from typing import Literal

import pikepdf
from pikepdf import Stream

from tests.factories.files import HOSTILE, new_pdf, pdf_bytes, picture_bytes, saved

from .case import Case, neutralised, refused
from .raw import CATALOGUE, FONT, TEXT, object_stream, objects, packed_pdf, page, raw_pdf, stream, updated

_SELF, _COMPLEX, _DAMAGED = "SELF_REFERENCE", "TOO_COMPLEX", "DAMAGED"


# -- Cut short ---
@cache
def _whole(kind: str) -> bytes:
    pdf = new_pdf(3)
    for number, one in enumerate(pdf.pages):
        # Figures do not compress much: the cuts are among the pages.
        figures = b" ".join(b"%d" % (rank * 7919 % 100_003) for rank in range(3000 + number))
        one.obj.Contents = Stream(pdf, TEXT + b"\n%" + figures)
    if kind == "linearised":
        return saved(pdf, linearize=True)
    if kind == "of tables":
        return saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return saved(pdf)


def _cut(kind: str, percent: int) -> bytes:
    whole = picture_bytes(kind) if kind in {"JPEG", "PNG"} else _whole(kind)
    return whole[: len(whole) * percent // 100]


_CUTS = [
    refused("cut short", f"{kind}, {percent} %", partial(_cut, kind, percent), _DAMAGED)
    for kind in ("of object streams", "of tables", "linearised", "JPEG", "PNG")
    for percent in (12, 25, 40, 60, 75, 90, 96)
]


def _second_revision_cut() -> bytes:
    first = pdf_bytes()
    whole = updated(first, lambda _pdf: None)
    return whole[: len(first) + 40]


# -- Locked ---
_REVISIONS: tuple[Literal[3, 4, 6], ...] = (3, 4, 6)


def _locked(user: str, revision: Literal[3, 4, 6]) -> bytes:
    is_recent = revision > 3
    locks = pikepdf.Encryption(owner="x", user=user, R=revision, aes=is_recent, metadata=is_recent)
    return saved(new_pdf(), encryption=locks)


# -- Tables that lead back ---
def _table_before_itself() -> bytes:
    return raw_pdf(objects(), trailer=b"/Prev @")


def _two_tables_before_each_other() -> bytes:
    first = raw_pdf(objects(), trailer=b"/Prev 9999999999")
    second = len(first) + len(b"4 0 obj\n") + len(objects()[4]) + len(b"\nendobj\n")
    first = first.replace(b"9999999999", b"%010d" % second)
    before = first[first.rindex(b"startxref") :].split()[1]
    return raw_pdf({4: objects()[4]}, trailer=b"/Prev " + before, previous=first)


def _hybrid_of_itself() -> bytes:
    return raw_pdf(objects(), trailer=b"/XRefStm @")


def _stream_table_before_itself() -> bytes:
    return packed_pdf(objects(), table_keys=b"/Prev @")


def _table_stored_in_itself() -> bytes:
    return packed_pdf(objects(), packed={5: b"null"}, entries={10: (2, 10, 0)})


def _container_of_itself() -> bytes:
    return packed_pdf({1: CATALOGUE, 4: objects()[4]}, packed={2: objects()[2], 3: objects()[3], 10: b"null"})


def _container_extends_itself() -> bytes:
    return packed_pdf(
        {1: CATALOGUE, 4: objects()[4]}, packed={2: objects()[2], 3: page()}, keys=b"/Extends 10 0 R"
    )


def _containers_extend_each_other() -> bytes:
    parts = {1: CATALOGUE, 4: objects()[4], 11: object_stream({6: b"null"}, b"/Extends 10 0 R")}
    return packed_pdf(parts, packed={2: objects()[2], 3: page()}, keys=b"/Extends 11 0 R")


def _containers_of_each_other() -> bytes:
    parts = {1: CATALOGUE, 4: objects()[4], 11: object_stream({10: b"null"})}
    return packed_pdf(parts, packed={2: objects()[2], 3: page(), 11: b"null"})


_LOOPS: dict[str, Callable[[], bytes]] = {
    "containers extend each other": _containers_extend_each_other,
    "table before itself": _table_before_itself,
    "two tables before each other": _two_tables_before_each_other,
    "hybrid table of itself": _hybrid_of_itself,
    "stream table before itself": _stream_table_before_itself,
    "container of itself": _container_of_itself,
    "container extends itself": _container_extends_itself,
    "containers of each other": _containers_of_each_other,
    "list of pages within itself": lambda: raw_pdf(objects({2: b"<</Type/Pages/Count 1/Kids[2 0 R]>>"})),
    "list of pages within its page list": lambda: raw_pdf(
        objects(
            {
                2: b"<</Type/Pages/Count 1/Kids[3 0 R 5 0 R]>>",
                5: b"<</Type/Pages/Count 1/Parent 2 0 R/Kids[2 0 R]>>",
            }
        )
    ),
    "page above itself": lambda: raw_pdf(objects({3: page().replace(b"/Parent 2 0 R", b"/Parent 3 0 R")})),
    "lists of pages above each other": lambda: raw_pdf(
        objects(
            {
                2: b"<</Type/Pages/Count 1/Kids[3 0 R]/Parent 5 0 R>>",
                5: b"<</Type/Pages/Count 1/Parent 2 0 R/Kids[]>>",
            }
        )
    ),
    "list of pages used twice": lambda: raw_pdf(
        objects({2: b"<</Type/Pages/Count 2/Kids[5 0 R 5 0 R]>>", 5: b"<</Type/Pages/Count 1/Kids[3 0 R]>>"})
    ),
    "lists of pages that double": lambda: raw_pdf(
        objects(
            {2: b"<</Type/Pages/Count 1048576/Kids[30 0 R 30 0 R]>>"}
            | {n: b"<</Type/Pages/Count 9/Kids[%d 0 R %d 0 R]>>" % (n + 1, n + 1) for n in range(30, 50)}
            | {50: b"<</Type/Pages/Count 1/Kids[3 0 R]>>"}
        )
    ),
}


# -- Drawings that draw themselves ---
def _form(content: bytes, resources: bytes) -> bytes:
    return stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources" + resources)


def _drawing(parts: dict[int, bytes], name: bytes = b"/X Do") -> Callable[[], bytes]:
    resources = b"<</XObject<</X 5 0 R>>/Pattern<</P 5 0 R>>/Font<</T 5 0 R>>/ExtGState<</G 5 0 R>>>>"
    return lambda: raw_pdf(objects({3: page(resources=resources), 4: stream(name)} | parts))


_GLYPHS = (
    b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.1 0 0 .1 0 0]/FirstChar 65/LastChar 65/Widths[9]"
    b"/Encoding<</Differences[65/A]>>/CharProcs<</A 6 0 R>>/Resources<</Font<</T %d 0 R>>>>>>"
)
_GLYPH = stream(b"9 0 d0 BT /T 9 Tf (A) Tj ET")
_DRAWN: dict[str, Callable[[], bytes]] = {
    "form draws itself": _drawing({5: _form(b"/X Do /X Do", b"<</XObject<</X 5 0 R>>>>")}),
    "form without resources draws itself": _drawing(
        {5: stream(b"/X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")}
    ),
    "forms draw each other": _drawing(
        {5: _form(b"/Y Do", b"<</XObject<</Y 6 0 R>>>>"), 6: _form(b"q /X Do Q", b"<</XObject<</X 5 0 R>>>>")}
    ),
    "form masks itself": _drawing(
        {5: _form(b"/G gs", b"<</ExtGState<</G 6 0 R>>>>"), 6: b"<</SMask<</S/Luminosity/G 5 0 R>>>>"}
    ),
    "pattern paints itself": _drawing(
        {
            5: stream(
                b"/Pattern cs /P scn 0 0 9 9 re f",
                b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9"
                b"/Resources<</Pattern<</P 5 0 R>>>>",
            )
        },
        b"/Pattern cs /P scn 0 0 99 99 re f",
    ),
    "glyph writes itself": _drawing({5: _GLYPHS % 5, 6: _GLYPH}, b"BT /T 9 Tf (A) Tj ET"),
    "glyphs write each other": _drawing(
        {5: _GLYPHS % 7, 6: _GLYPH, 7: (_GLYPHS % 5).replace(b"6 0 R", b"8 0 R"), 8: _GLYPH},
        b"BT /T 9 Tf (A) Tj ET",
    ),
    "note draws itself": lambda: raw_pdf(
        objects(
            {
                3: page(b"/Annots[<</Type/Annot/Subtype/Stamp/Rect[0 0 99 99]/F 4/AP<</N 5 0 R>>>>]"),
                5: _form(b"/X Do", b"<</XObject<</X 5 0 R>>>>"),
            }
        )
    ),
}


def _nested_forms(depth: int) -> Callable[[], bytes]:
    chain = {n: _form(b"/X Do", b"<</XObject<</X %d 0 R>>>>" % (n + 1)) for n in range(5, 5 + depth)}
    return _drawing(chain | {5 + depth: _form(b"0 0 9 9 re f", FONT)})


def _doubling_forms() -> bytes:
    chain = {n: _form(b"/X Do " * 10, b"<</XObject<</X %d 0 R>>>>" % (n + 1)) for n in range(5, 20)}
    return _drawing(chain | {20: _form(b"0 0 9 9 re f", FONT)})()


# -- Broken ---
def _deep(opening: bytes, closing: bytes, depth: int) -> Callable[[], bytes]:
    return lambda: raw_pdf(objects({5: opening * depth + closing * depth}))


def _many_revisions() -> bytes:
    whole = pdf_bytes()
    return whole + b"startxref\n0\n%%EOF\n" * 1200


_BROKEN = [
    refused("broken", "older list: " + name, HOSTILE[name][0], HOSTILE[name][1] or "")
    for name in ("deep-nesting", "no-pages", "noise-after-header")
] + [
    neutralised("broken", "arrays in arrays", _deep(b"[", b"]", 100_000)),
    neutralised("broken", "dictionaries in dictionaries", _deep(b"<</A", b">>", 50_000)),
    refused("broken", "without a catalogue", lambda: raw_pdf({2: objects()[2]}), _DAMAGED, "NO_PAGES"),
    refused(
        "broken", "catalogue that is a number", lambda: raw_pdf(objects({1: b"7"})), _DAMAGED, "NO_PAGES"
    ),
    refused(
        "broken",
        "catalogue that is itself",
        lambda: raw_pdf(objects({1: b"1 0 R"})),
        _DAMAGED,
        "NO_PAGES",
        _SELF,
    ),
    refused(
        "broken",
        "without a list of pages",
        lambda: raw_pdf(objects({1: b"<</Type/Catalog>>"})),
        _DAMAGED,
        "NO_PAGES",
    ),
    refused(
        "broken",
        "pages that are numbers",
        lambda: raw_pdf(objects({2: b"<</Type/Pages/Count 1/Kids[7]>>"})),
        "NO_PAGES",
        _DAMAGED,
    ),
    refused(
        "broken",
        "a list of no pages",
        lambda: raw_pdf(objects({2: b"<</Type/Pages/Count 9/Kids[]>>"})),
        "NO_PAGES",
    ),
    refused(
        "broken",
        "lists of pages nested 5,000 deep",
        lambda: raw_pdf(
            objects(
                {2: b"<</Type/Pages/Count 1/Kids[30 0 R]>>"}
                | {
                    n: b"<</Type/Pages/Count 1/Parent %d 0 R/Kids[%d 0 R]>>" % (n - 1, n + 1)
                    for n in range(30, 5030)
                }
                | {5030: page()}
            )
        ),
        _DAMAGED,
        _COMPLEX,
        _SELF,
    ),
    refused("broken", "1,200 revisions", _many_revisions, _COMPLEX),
    refused(
        "broken",
        "length in the stream that it measures",
        lambda: raw_pdf(objects({4: b"<</Length 4 0 R>>\nstream\n" + TEXT + b"\nendstream"})),
        _DAMAGED,
        _SELF,
    ),
    refused("broken", "more pages than a curriculum may have", lambda: pdf_bytes(4), "TOO_MANY_PAGES"),
    refused("broken", "4,000 pages", lambda: pdf_bytes(4000), "TOO_MANY_PAGES", is_heavy=True),
    refused(
        "broken",
        "the same page 5,000 times",
        lambda: raw_pdf(objects({2: b"<</Type/Pages/Count 5000/Kids[" + b"3 0 R " * 5000 + b"]>>"})),
        "TOO_MANY_PAGES",
    ),
    *(
        refused("odd sizes", name, build, "DIMENSIONS")
        for name, build in {
            "giant page": lambda: pdf_bytes(size=(200_000, 200_000)),
            "flat page": lambda: pdf_bytes(size=(612, 0)),
            "page of one point": lambda: pdf_bytes(size=(1, 1)),
            "unit of a thousand": lambda: raw_pdf(objects({3: page(b"/UserUnit 1000")})),
            "unit of minus one": lambda: raw_pdf(objects({3: page(b"/UserUnit -1")})),
        }.items()
    ),
    neutralised(
        "odd sizes",
        "sides that are names",
        lambda: raw_pdf(objects({3: page().replace(b"[0 0 612 792]", b"[/A/B/C/D]")})),
    ),
    neutralised(
        "odd sizes",
        "sides of three numbers",
        lambda: raw_pdf(objects({3: page().replace(b"[0 0 612 792]", b"[0 0 612]")})),
    ),
    neutralised(
        "odd sizes",
        "sides beyond numbers",
        lambda: raw_pdf(objects({3: page().replace(b"[0 0 612 792]", b"[0 0 1e300 99999999999999]")})),
    ),
    *(
        refused("empty", name, partial(bytes, data), code)
        for name, data, code in (
            ("nothing", b"", "EMPTY"),
            ("one blank", b" ", "NOT_ACCEPTED_TYPE"),
            ("zeros", b"\0" * 4096, "NOT_ACCEPTED_TYPE"),
            ("header of a PDF", b"%PDF-1.7\n", _DAMAGED),
            ("header and end of a PDF", b"%PDF-1.7\n%%EOF\n", _DAMAGED),
            ("header of a JPEG", b"\xff\xd8\xff\xe0" + b"\0" * 40, _DAMAGED),
            ("header of a PNG", b"\x89PNG\r\n\x1a\n", _DAMAGED),
            ("start and end of a JPEG", b"\xff\xd8\xff\xd9", _DAMAGED),
        )
    ),
]

CASES: list[Case] = [
    *_CUTS,
    refused("cut short", "second revision", _second_revision_cut, _DAMAGED),
    *(
        refused(
            "locked", f"password to open, revision {revision}", partial(_locked, "x", revision), "ENCRYPTED"
        )
        for revision in _REVISIONS
    ),
    *(
        neutralised(
            "locked",
            f"password of the owner, revision {revision}",
            partial(_locked, "", revision),
            "RESTRICTIONS",
        )
        for revision in _REVISIONS
    ),
    refused(
        "locked",
        "unknown protection",
        lambda: raw_pdf(objects(), trailer=b"/Encrypt<</Filter/Other/V 9>>"),
        "ENCRYPTED",
        _DAMAGED,
    ),
    *(refused("loops", name, build, _SELF) for name, build in _LOOPS.items()),
    refused("loops", "table stored in the container that it lists", _table_stored_in_itself, _SELF, _DAMAGED),
    *(refused("drawings", name, build, _SELF) for name, build in _DRAWN.items()),
    refused("drawings", "forms nested 60 deep", _nested_forms(60), _COMPLEX),
    refused("drawings", "forms that draw ten times the next one", _doubling_forms, _COMPLEX, is_heavy=True),
    *_BROKEN,
]
