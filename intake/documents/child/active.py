"""Active content of a PDF: found first, to name it to the candidate; removed afterwards.

A PDF with too many objects raises `Refused` (TOO_COMPLEX).
"""

from collections.abc import Iterator

import pikepdf
from pikepdf import Name

from intake.documents.child.refusal import Reason, Refused

# Actions by their /S (ISO 32000-2, table 201 and after). GoTo, inside the document, is harmless.
_ACTIONS = {
    "/JavaScript": "JAVASCRIPT",
    "/Launch": "LAUNCH",
    "/URI": "LINK",
    "/GoToR": "REMOTE_FILE",
    "/GoToE": "REMOTE_FILE",
    "/Thread": "REMOTE_FILE",
    "/SubmitForm": "FORM_ACTION",
    "/ResetForm": "FORM_ACTION",
    "/ImportData": "FORM_ACTION",
    "/Hide": "FORM_ACTION",
    "/Named": "NAMED_ACTION",
    "/SetOCGState": "NAMED_ACTION",
    "/Sound": "RICH_MEDIA",
    "/Movie": "RICH_MEDIA",
    "/Rendition": "RICH_MEDIA",
    "/GoTo3DView": "RICH_MEDIA",
    "/RichMediaExecute": "RICH_MEDIA",
}
_ANNOTATIONS = {
    "/RichMedia": "RICH_MEDIA",
    "/3D": "RICH_MEDIA",
    "/Movie": "RICH_MEDIA",
    "/Sound": "RICH_MEDIA",
    "/Screen": "RICH_MEDIA",
    "/FileAttachment": "EMBEDDED_FILE",
}
# Documents of an application contain some thousands of objects; a tagged document of forty pages, some 20,000.
MAX_OBJECTS = 60_000
MAX_NODES = 600_000
# Files, and layers: without the list of layers in the catalogue, which is not copied, they only hold names.
_BESIDE_THE_DRAWING = {"/Filespec", "/OCG", "/OCMD"}
_EXTERNAL_DATA = (Name.F, Name.FFilter, Name.FDecodeParms)
_BESIDE_THE_PAGE = (Name.Metadata, Name.PieceInfo, Name.AF, Name.OPI, Name.Alternates, Name.LastModified)


def find(pdf: pikepdf.Pdf) -> set[str]:
    """Return the codes of everything in `pdf` beyond readable pages."""
    found = set(_in_catalogue(pdf))
    for node in dictionaries(pdf):
        found.update(_in_dictionary(node))
    return found


def remove(pdf: pikepdf.Pdf) -> None:
    """Remove, in place, all remaining active content from `pdf`, which contains only pages and their resources."""
    for node in list(dictionaries(pdf)):
        if (
            _text(node.get("/S")) in _ACTIONS
            or _text(node.get("/Type")) in _BESIDE_THE_DRAWING
            or "/EF" in node
        ):
            _empty(node)
            continue
        for key in _BESIDE_THE_PAGE:
            # A font or a picture may have any resource name, even /Metadata: keep values that are one.
            if key in node and not _is_font_or_drawing(node[key]):
                del node[key]
        if _holds_actions(node.get("/AA")):
            del node["/AA"]
        if isinstance(node, pikepdf.Stream):
            _keep_inside(node)


def dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield every dictionary and stream of `pdf`, unreachable ones too, without recursion: depth may be hostile."""
    nodes = 0
    for count, top in enumerate([pdf.trailer, *pdf.objects]):
        if count > MAX_OBJECTS:
            raise Refused(Reason.TOO_COMPLEX)
        pending = [top]
        while pending:
            nodes += 1
            if nodes > MAX_NODES:
                raise Refused(Reason.TOO_COMPLEX)
            node = pending.pop()
            if isinstance(node, pikepdf.Array):
                children = list(node)
            elif isinstance(node, (pikepdf.Dictionary, pikepdf.Stream)):
                yield node
                children = [value for _key, value in node.items()]
            else:
                continue
            # Indirect objects are visited on their own; following the references could loop for ever.
            pending.extend(child for child in children if _is_inside(child))


def _is_inside(value: object) -> bool:
    return isinstance(value, pikepdf.Object) and not value.is_indirect


def _in_catalogue(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    opening = root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != Name.GoTo:
        yield "OPEN_ACTION"
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        if "/JavaScript" in names:
            yield "JAVASCRIPT"
        if "/EmbeddedFiles" in names:
            yield "EMBEDDED_FILE"
    form = root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        yield "FORM"
        if "/XFA" in form:
            yield "XFA"
    if "/OCProperties" in root:
        yield "LAYERS"
    if "/Info" in pdf.trailer:
        yield "METADATA"
    if pdf.is_encrypted:
        yield "RESTRICTIONS"


def _in_dictionary(node: pikepdf.Object) -> Iterator[str]:
    action = _text(node.get("/S"))
    if action in _ACTIONS:
        yield _ACTIONS[action]
    if isinstance(node.get("/JS"), (pikepdf.String, pikepdf.Stream)):
        yield "JAVASCRIPT"
    if _holds_actions(node.get("/AA")):
        yield "TRIGGERED_ACTION"
    if "/EF" in node or node.get("/Type") == Name.EmbeddedFile:
        yield "EMBEDDED_FILE"
    subtype = _text(node.get("/Subtype"))
    if subtype in _ANNOTATIONS and "/Rect" in node:
        yield _ANNOTATIONS[subtype]
    if node.get("/Type") == Name.Metadata:
        yield "METADATA"
    if node.get("/Type") == Name.Sig or (node.get("/FT") == Name.Sig and "/V" in node):
        yield "SIGNATURE"
    if isinstance(node, pikepdf.Stream) and ("/F" in node or "/Ref" in node):
        yield "EXTERNAL_STREAM"
    if isinstance(node, pikepdf.Stream) and Name.PS in (node.get("/Subtype"), node.get("/Subtype2")):
        yield "POSTSCRIPT"


def _keep_inside(stream: pikepdf.Object) -> None:
    """Remove from a stream everything to fetch or to execute."""
    if "/F" in stream:
        # Its data are in another file: the bytes here were never meant to be drawn.
        stream.write(b"")
    for key in _EXTERNAL_DATA:
        if key in stream:
            del stream[key]
    if "/Ref" in stream and stream.get("/Subtype") == Name.Form:
        del stream["/Ref"]
    if Name.PS in (stream.get("/Subtype"), stream.get("/Subtype2")):
        stream.write(b"")
        stream["/Subtype"] = Name.Form
        stream["/BBox"] = pikepdf.Array([0, 0, 0, 0])
        for leftover in ("/Subtype2", "/PS", "/Level1"):
            if leftover in stream:
                del stream[leftover]


def _is_font_or_drawing(value: object) -> bool:
    if not isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        return False
    return value.get("/Type") == Name.Font or _text(value.get("/Subtype")) in {"/Image", "/Form"}


def _holds_actions(value: object) -> bool:
    return isinstance(value, pikepdf.Dictionary) and any(
        isinstance(action, pikepdf.Dictionary) and "/S" in action for _event, action in value.items()
    )


def _empty(node: pikepdf.Object) -> None:
    if isinstance(node, pikepdf.Stream):
        node.write(b"")
    for name in list(node.keys()):
        if not (isinstance(node, pikepdf.Stream) and name == "/Length"):
            del node[name]


def _text(value: object) -> str:
    return str(value) if isinstance(value, pikepdf.Name) else ""
