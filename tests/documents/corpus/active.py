"""Hostile: parts that run, fetch, play or hide something. The page is accepted without them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from tests.factories.files import HOSTILE

from .case import Case, neutralised, refused
from .raw import changed, objects, packed_pdf, raw_pdf, stream, zipped

FAMILY = "active content"
MARK = b"MARQUE-ACTIVE"

ACTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "JavaScript": ({"JS": String("app.alert('MARQUE-ACTIVE')")}, "JAVASCRIPT"),
    "Launch": ({"F": String("MARQUE-ACTIVE.exe")}, "LAUNCH"),
    "URI": ({"URI": String("javascript:MARQUE-ACTIVE")}, "LINK"),
    "GoToR": ({"F": String("//MARQUE-ACTIVE/x.pdf"), "D": Array([0, Name.Fit])}, "REMOTE_FILE"),
    "GoToE": ({"T": Dictionary(R=Name.C, N=String("MARQUE-ACTIVE"))}, "REMOTE_FILE"),
    "Thread": ({"F": String("MARQUE-ACTIVE.pdf"), "D": 0}, "REMOTE_FILE"),
    "SubmitForm": ({"F": String("https://MARQUE-ACTIVE.invalid/")}, "FORM_ACTION"),
    "ResetForm": ({"Flags": 1, "X": String("MARQUE-ACTIVE")}, "FORM_ACTION"),
    "ImportData": ({"F": String("MARQUE-ACTIVE.fdf")}, "FORM_ACTION"),
    "Hide": ({"T": String("MARQUE-ACTIVE"), "H": True}, "FORM_ACTION"),
    "Named": ({"N": Name("/MARQUE-ACTIVE")}, "NAMED_ACTION"),
    "SetOCGState": ({"State": Array([Name.ON]), "X": String("MARQUE-ACTIVE")}, "NAMED_ACTION"),
    "Sound": ({"X": String("MARQUE-ACTIVE")}, "RICH_MEDIA"),
    "Movie": ({"T": String("MARQUE-ACTIVE")}, "RICH_MEDIA"),
    "Rendition": ({"OP": 0, "X": String("MARQUE-ACTIVE")}, "RICH_MEDIA"),
    "GoTo3DView": ({"V": String("MARQUE-ACTIVE")}, "RICH_MEDIA"),
    "RichMediaExecute": ({"CMD": Dictionary(C=String("MARQUE-ACTIVE"))}, "RICH_MEDIA"),
}


def _annotate(pdf: Pdf, **keys: Any) -> None:
    note = Dictionary(Type=Name.Annot, Rect=Array([72, 600, 200, 640]), F=4, **keys)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _at_the_opening(pdf: Pdf, action: Dictionary) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(action)


def _in_a_note(pdf: Pdf, action: Dictionary) -> None:
    _annotate(pdf, Subtype=Name.Link, A=action)


def _behind_a_harmless_one(pdf: Pdf, action: Dictionary) -> None:
    first = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]), Next=Array([action]))
    _annotate(pdf, Subtype=Name.Link, A=first)


def _with_the_page(pdf: Pdf, action: Dictionary) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=action)


def _in_the_outline(pdf: Pdf, action: Dictionary) -> None:
    item = pdf.make_indirect(Dictionary(Title=String("x"), A=action))
    outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))
    item.Parent = outlines
    pdf.Root.Outlines = outlines


def _in_a_field(pdf: Pdf, action: Dictionary) -> None:
    _annotate(pdf, Subtype=Name.Widget, FT=Name.Btn, T=String("x"), AA=Dictionary(U=action))
    pdf.Root.AcroForm = Dictionary(Fields=Array(list(pdf.pages[0].obj.Annots)))


def _in_the_resources(pdf: Pdf, action: Dictionary) -> None:
    pdf.pages[0].obj.Resources.Properties = Dictionary(P=Dictionary(A=action))


PLACES: dict[str, tuple[Callable[[Pdf, Dictionary], None], tuple[str, ...]]] = {
    "at the opening": (_at_the_opening, ("OPEN_ACTION",)),
    "in a note": (_in_a_note, ()),
    "behind a harmless one": (_behind_a_harmless_one, ()),
    "with the page": (_with_the_page, ("TRIGGERED_ACTION",)),
    "in the outline": (_in_the_outline, ()),
    "in a field": (_in_a_field, ("FORM", "TRIGGERED_ACTION")),
    "in the resources": (_in_the_resources, ()),
}
"""Where an action may be, and what else is then reported."""


def _action(name: str, place: Callable[[Pdf, Dictionary], None]) -> Callable[[], bytes]:
    keys, _code = ACTIONS[name]
    return changed(lambda pdf: place(pdf, Dictionary(S=Name("/" + name), **keys)))


def _note(kind: str, **keys: Any) -> Callable[[], bytes]:
    return changed(lambda pdf: _annotate(pdf, Subtype=Name("/" + kind), Contents=String(MARK), **keys))


def _link_to(address: str, pdf: Pdf) -> None:
    _annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String(address)))


def _three_dimensions(pdf: Pdf) -> None:
    model = Stream(pdf, MARK, Type=Name("/3D"), Subtype=Name.U3D, OnInstantiate=Stream(pdf, MARK))
    _annotate(pdf, Subtype=Name("/3D"), **{"3DD": model})


def _hidden_layer(pdf: Pdf) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(MARK)))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group])))
    pdf.pages[0].obj.Resources.Properties = Dictionary(L=group)


def _resource_stream(**keys: Any) -> Callable[[], bytes]:
    def change(pdf: Pdf) -> None:
        drawing = Stream(pdf, b"" if "Ref" in keys else MARK, Type=Name.XObject, **keys)
        pdf.pages[0].obj.Resources.XObject = Dictionary(X=drawing)

    return changed(change)


def _attached_to_the_page(pdf: Pdf) -> None:
    data = Stream(pdf, MARK, Type=Name.EmbeddedFile)
    spec = pdf.make_indirect(Dictionary(Type=Name.Filespec, F=String("x.exe"), EF=Dictionary(F=data)))
    pdf.pages[0].obj.AF = Array([spec])


def _thumbnail(pdf: Pdf) -> None:
    pdf.pages[0].obj.Thumb = Stream(pdf, MARK, Width=1, Height=1)


def _signature(pdf: Pdf) -> None:
    signed = pdf.make_indirect(Dictionary(Type=Name.Sig, Contents=String(MARK)))
    pdf.Root.AcroForm = Dictionary(Fields=Array([Dictionary(FT=Name.Sig, T=String("s"), V=signed)]))


def _private_data(pdf: Pdf) -> None:
    pdf.pages[0].obj.PieceInfo = Dictionary(X=Dictionary(Private=Stream(pdf, MARK)))
    pdf.Root.PieceInfo = Dictionary(X=Dictionary(Private=String(MARK)))


def _about_it(pdf: Pdf) -> None:
    pdf.docinfo["/Author"] = MARK.decode()
    pdf.Root.Metadata = Stream(pdf, MARK, Type=Name.Metadata, Subtype=Name.XML)


_SCRIPT = b"<</S/JavaScript/JS(MARQUE-ACTIVE)>>"
WRITTEN = {
    "name written with escapes": objects(
        {1: b"<</Type/Catalog/Pages 2 0 R/Op#65nAction<</#53/J#61vaScript/#4aS(MARQUE-ACTIVE)>>>>"}
    ),
    "script in hexadecimal": objects(
        {1: b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS<4D4152515545>>>>>"}
    ),
    "script in a stream": objects(
        {1: b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS 5 0 R>>>>", 5: zipped(MARK)}
    ),
    "script in an object that nothing refers to": objects({5: _SCRIPT}),
    "script as a name": objects(
        {1: b"<</Type/Catalog/Pages 2 0 R/Names<</JavaScript<</Names[(x) 5 0 R]>>>>>>", 5: _SCRIPT}
    ),
}

CASES: list[Case] = [
    *(
        neutralised(FAMILY, f"{action}, {place}", _action(action, put), ACTIONS[action][1], *more)
        for action in ACTIONS
        for place, (put, more) in PLACES.items()
    ),
    *(neutralised(FAMILY, name, partial(raw_pdf, parts), "JAVASCRIPT") for name, parts in WRITTEN.items()),
    neutralised(
        FAMILY,
        "script in an object stream",
        lambda: packed_pdf(
            {1: b"<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R>>", 4: objects()[4]},
            packed={2: objects()[2], 3: objects()[3], 5: _SCRIPT},
        ),
        "JAVASCRIPT",
    ),
    *(
        neutralised(FAMILY, f"annotation {kind}", _note(kind), code)
        for kind, code in {
            "RichMedia": "RICH_MEDIA",
            "Movie": "RICH_MEDIA",
            "Sound": "RICH_MEDIA",
            "Screen": "RICH_MEDIA",
            "FileAttachment": "EMBEDDED_FILE",
        }.items()
    ),
    *(
        neutralised(FAMILY, f"address {scheme}", changed(partial(_link_to, scheme + "MARQUE-ACTIVE")), "LINK")
        for scheme in ("https://", "file:///", "data:text/html,", "smb://", "mailto:", "ms-word:ofe|u|")
    ),
    neutralised(FAMILY, "object in three dimensions", changed(_three_dimensions), "RICH_MEDIA"),
    neutralised(FAMILY, "hidden layer", changed(_hidden_layer), "LAYERS"),
    neutralised(FAMILY, "PostScript drawing", _resource_stream(Subtype=Name.PS), "POSTSCRIPT"),
    *(
        neutralised(FAMILY, name, _resource_stream(**keys), "POSTSCRIPT")
        for name, keys in {
            "PostScript in a form": {"Subtype": Name.Form, "Subtype2": Name.PS, "PS": String(MARK)},
            "PostScript of level 1": {"Subtype": Name.PS, "Level1": String(MARK)},
        }.items()
    ),
    neutralised(
        FAMILY,
        "picture of another server",
        _resource_stream(Subtype=Name.Image, F=Dictionary(FS=Name.URL, F=String(MARK))),
        "EXTERNAL_STREAM",
    ),
    neutralised(
        FAMILY,
        "form of another file",
        _resource_stream(Subtype=Name.Form, Ref=Dictionary(F=String(MARK), Page=0)),
        "EXTERNAL_STREAM",
    ),
    neutralised(FAMILY, "file attached to the page", changed(_attached_to_the_page), "EMBEDDED_FILE"),
    neutralised(FAMILY, "signature", changed(_signature), "SIGNATURE"),
    neutralised(FAMILY, "bytes in a thumbnail", changed(_thumbnail)),
    neutralised(FAMILY, "private data of an application", changed(_private_data)),
    neutralised(FAMILY, "author and XMP", changed(_about_it), "METADATA"),
    neutralised(
        FAMILY,
        "comments with code in the drawing",
        lambda: raw_pdf(
            objects({4: stream(b"BT /F1 24 Tf 72 700 Td (CV) Tj ET", b"/Comment(MARQUE-ACTIVE)")})
        ),
    ),
    *(
        Case("active content", f"older list: {name}", build, frozenset({code} if code else ()), removed)
        for name, (build, code, removed) in HOSTILE.items()
        if name in {"embedded-file", "form-that-sends", "static-xfa", "attachment-note"}
    ),
    *(
        refused("forms and portfolios", name, HOSTILE[name][0], HOSTILE[name][1] or "")
        for name in ("dynamic-form", "portfolio")
    ),
]
