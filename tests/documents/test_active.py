"""Cleaning takes nothing but the active content of a PDF; `test_cleaning.py` tests that it takes all of it."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from intake.documents.child import active
from tests.factories.files import new_pdf, saved


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("x"))


def font() -> Dictionary:
    return Dictionary(Type=Name.Font)


def resource(pdf: Pdf, value: object) -> None:
    """Put `value` into the resources of a page."""
    pdf.pages[0].obj.Resources.Properties = Dictionary(P=value)


def root(**keys: object) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        for key, value in keys.items():
            pdf.Root[f"/{key}"] = value

    return change


def keep_in_resources(**keys: Any) -> Callable[[Pdf], None]:
    return lambda pdf: resource(pdf, Dictionary(**keys))


def keep_in_stream(**keys: Any) -> Callable[[Pdf], None]:
    return lambda pdf: resource(pdf, Stream(pdf, b"x", **keys))


HARMLESS: dict[str, Callable[[Pdf], None]] = {
    "nothing": lambda _pdf: None,
    "a page to open at": root(OpenAction=Array([0, Name.Fit])),
    "a place to go to": root(OpenAction=Dictionary(S=Name.GoTo)),
    "names of nothing": root(Names=Dictionary(Dests=Dictionary())),
    "names that are none": root(Names=String("x")),
    "no form": root(AcroForm=String("x")),
    "no script": keep_in_resources(JS=Name.Font),
    "no name of an action": keep_in_resources(S=String("/JavaScript")),
    "a style": keep_in_resources(S=Name.Transparency),
    "a font that is named like a trigger": keep_in_resources(AA=Dictionary(Type=Name.Font)),
    "a trigger that holds none": keep_in_resources(AA=Dictionary(O=Dictionary(D=1))),
    "a note that has no place": keep_in_resources(Subtype=Name.Movie),
    "a note that says": keep_in_resources(Subtype=Name.Text, Rect=Array([0, 0, 9, 9])),
    "a field to be signed": keep_in_resources(FT=Name.Sig),
    "a field that is filled": keep_in_resources(FT=Name.Tx, V=String("x")),
    "a key of that name, of no stream": keep_in_resources(F=String("x"), Ref=Dictionary()),
    "PostScript of no stream": keep_in_resources(Subtype=Name.PS),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_content_is_not_found(name: str) -> None:
    pdf = new_pdf()
    HARMLESS[name](pdf)
    with pikepdf.open(io.BytesIO(saved(pdf))) as received:
        assert active.find(received) == set()


def test_metadata_and_restrictions_are_found() -> None:
    pdf = new_pdf()
    pdf.docinfo["/Author"] = "Zoé"
    locked = pikepdf.Encryption(owner="x", user="", R=6)
    with pikepdf.open(io.BytesIO(saved(pdf, encryption=locked))) as received:
        assert active.find(received) == {"METADATA", "RESTRICTIONS"}


# -- What remains -----


def what_is_left(pdf: Pdf, change: Callable[[Pdf], None]) -> pikepdf.Object:
    """Apply `change` to the page's resources, clean the file, and return the remaining resource."""
    change(pdf)
    active.remove(pdf)
    found: pikepdf.Object = pdf.pages[0].obj.Resources.Properties.P
    return found


EMPTIED: list[tuple[str, Callable[[Pdf], None], set[str]]] = [
    ("words about it", keep_in_resources(Metadata=Dictionary(), Kept=1), {"/Kept"}),
    (
        "what programs keep",
        keep_in_resources(PieceInfo=Dictionary(), LastModified=String("x"), Kept=1),
        {"/Kept"},
    ),
    (
        "what is beside",
        keep_in_resources(AF=Array([]), OPI=Dictionary(), Alternates=Array([]), Kept=1),
        {"/Kept"},
    ),
    (
        "fonts of these names",
        keep_in_resources(Metadata=font(), AF=font(), OPI=font()),
        {"/Metadata", "/AF", "/OPI"},
    ),
    (
        "drawings of these names",
        keep_in_resources(Metadata=Dictionary(Subtype=Name.Image), PieceInfo=Dictionary(Subtype=Name.Form)),
        {"/Metadata", "/PieceInfo"},
    ),
    ("a trigger", keep_in_resources(AA=Dictionary(O=script()), Kept=1), {"/Kept"}),
    ("a font that is named like a trigger", keep_in_resources(AA=font(), Kept=1), {"/AA", "/Kept"}),
    ("a style", keep_in_resources(S=Name.Transparency, Kept=1), {"/S", "/Kept"}),
    ("a key of that name, of no stream", keep_in_resources(F=String("x"), Ref=Dictionary()), {"/F", "/Ref"}),
    ("data elsewhere", keep_in_stream(F=String("x"), FFilter=Name.Fl, FDecodeParms=Dictionary()), set()),
    ("a drawing elsewhere", keep_in_stream(Subtype=Name.Form, Ref=Dictionary()), {"/Subtype"}),
    ("a reference of another sort", keep_in_stream(Subtype=Name.Image, Ref=1), {"/Subtype", "/Ref"}),
    ("PostScript", keep_in_stream(Subtype=Name.PS, Level1=Dictionary()), {"/Subtype", "/BBox"}),
    (
        "PostScript in a drawing",
        keep_in_stream(Subtype=Name.Form, Subtype2=Name.PS, PS=Dictionary(), Kept=1),
        {"/Subtype", "/BBox", "/Kept"},
    ),
    ("a drawing", keep_in_stream(Subtype=Name.Form, PS=1, Level1=1), {"/Subtype", "/PS", "/Level1"}),
]


@pytest.mark.parametrize("change, keys", [row[1:] for row in EMPTIED], ids=[row[0] for row in EMPTIED])
def test_active_objects_are_emptied_and_readable_ones_stay(
    change: Callable[[Pdf], None], keys: set[str]
) -> None:
    pdf = new_pdf()
    assert set(what_is_left(pdf, change).keys()) - {"/Length"} == keys
