"""For each kind of active content, a hostile file: the cleaner reports it and removes it."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from intake.documents import reasons
from intake.documents.child.pdf import clean
from tests.factories.documents import active_parts
from tests.factories.files import HOSTILE, new_pdf, saved

ACTIONS = {
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
ANNOTATIONS = {
    "/RichMedia": "RICH_MEDIA",
    "/3D": "RICH_MEDIA",
    "/Movie": "RICH_MEDIA",
    "/Sound": "RICH_MEDIA",
    "/Screen": "RICH_MEDIA",
    "/FileAttachment": "EMBEDDED_FILE",
}
MARK = b"MARQUE-ACTIVE"
"""Bytes of the hostile file that the cleaned one must not contain, even in a packed stream."""


def _cleaned(pdf: Pdf, tmp_path: Path) -> tuple[bytes, set[str]]:
    """Clean a file. Return its bytes with every stream unpacked, and the codes of the removed parts."""
    received, made = tmp_path / "received", tmp_path / "made"
    received.write_bytes(saved(pdf))
    _pages, removed = clean(received, made, max_pages=3)
    with pikepdf.open(made) as opened:
        unpacked = io.BytesIO()
        opened.save(
            unpacked,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return unpacked.getvalue(), removed


def _keep_in_resources(pdf: Pdf, **resources: object) -> None:
    """Put values into the resources of a page, which are kept."""
    for name, value in resources.items():
        pdf.pages[0].obj.Resources[f"/{name}"] = value


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_action_inside_a_kept_part_is_reported_and_emptied(action: str, tmp_path: Path) -> None:
    pdf = new_pdf()
    _keep_in_resources(pdf, Properties=Dictionary(P=Dictionary(A=Dictionary(S=Name(action), F=String(MARK)))))
    left, removed = _cleaned(pdf, tmp_path)
    assert ACTIONS[action] in removed
    assert active_parts(left) == []
    assert MARK not in left


@pytest.mark.parametrize("kind", sorted(ANNOTATIONS))
def test_an_annotation_with_media_or_files_is_reported_and_removed(kind: str, tmp_path: Path) -> None:
    pdf = new_pdf()
    note = Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=Array([9, 9, 99, 99]), Contents=String(MARK))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])
    left, removed = _cleaned(pdf, tmp_path)
    assert ANNOTATIONS[kind] in removed
    assert b"/Annot" not in left
    assert MARK not in left


def _postscript(pdf: Pdf) -> None:
    _keep_in_resources(pdf, XObject=Dictionary(X=Stream(pdf, MARK, Type=Name.XObject, Subtype=Name.PS)))


def _postscript_in_a_drawing(pdf: Pdf) -> None:
    drawing = Stream(pdf, MARK, Type=Name.XObject, Subtype=Name.Form, Subtype2=Name.PS)
    drawing.PS = Stream(pdf, MARK)
    drawing.BBox = Array([0, 0, 9, 9])
    _keep_in_resources(pdf, XObject=Dictionary(X=drawing))


def _postscript_level_1(pdf: Pdf) -> None:
    program = Stream(pdf, MARK, Type=Name.XObject, Subtype=Name.PS, Level1=Stream(pdf, MARK))
    _keep_in_resources(pdf, XObject=Dictionary(X=program))


def _external_data(pdf: Pdf) -> None:
    drawing = Stream(pdf, MARK, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    drawing.F = Dictionary(FS=Name.URL, UF=String(MARK))
    _keep_in_resources(pdf, XObject=Dictionary(X=drawing))


def _reference(pdf: Pdf) -> None:
    drawing = Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    drawing.Ref = Dictionary(F=String(MARK), Page=0)
    _keep_in_resources(pdf, XObject=Dictionary(X=drawing))


def _embedded(pdf: Pdf) -> None:
    data = Stream(pdf, MARK, Type=Name.EmbeddedFile)
    _keep_in_resources(pdf, Properties=Dictionary(P=Dictionary(Type=Name.Filespec, EF=Dictionary(F=data))))


def _trigger(pdf: Pdf) -> None:
    action = Dictionary(S=Name.JavaScript, JS=String(MARK))
    _keep_in_resources(pdf, Properties=Dictionary(P=Dictionary(AA=Dictionary(O=action))))


def _metadata(pdf: Pdf) -> None:
    about = Stream(pdf, MARK, Type=Name.Metadata, Subtype=Name.XML)
    _keep_in_resources(pdf, Properties=Dictionary(P=Dictionary(Metadata=about)))


def _signature(pdf: Pdf) -> None:
    signed = pdf.make_indirect(Dictionary(Type=Name.Sig, Contents=String(MARK)))
    pdf.Root.AcroForm = Dictionary(Fields=Array([Dictionary(FT=Name.Sig, T=String("s"), V=signed)]))


def _layers(pdf: Pdf) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(MARK)))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary())


def _layer_of_a_page(pdf: Pdf) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(MARK)))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary())
    _keep_in_resources(pdf, Properties=Dictionary(P=group))


def _form(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), DA=String(MARK))


def _xfa(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Stream(pdf, MARK))


def _script(pdf: Pdf) -> None:
    tree = Dictionary(Names=Array([String("a"), Dictionary(S=Name.JavaScript, JS=String(MARK))]))
    pdf.Root.Names = Dictionary(JavaScript=tree)


def _opening(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String(MARK))


def _document_info(pdf: Pdf) -> None:
    pdf.docinfo["/Author"] = MARK.decode()


KINDS: list[tuple[str, Callable[[Pdf], None]]] = [
    ("POSTSCRIPT", _postscript),
    ("POSTSCRIPT", _postscript_in_a_drawing),
    ("POSTSCRIPT", _postscript_level_1),
    ("EXTERNAL_STREAM", _external_data),
    ("EXTERNAL_STREAM", _reference),
    ("EMBEDDED_FILE", _embedded),
    ("TRIGGERED_ACTION", _trigger),
    ("METADATA", _metadata),
    ("METADATA", _document_info),
    ("SIGNATURE", _signature),
    ("LAYERS", _layers),
    ("LAYERS", _layer_of_a_page),
    ("FORM", _form),
    ("XFA", _xfa),
    ("JAVASCRIPT", _script),
    ("OPEN_ACTION", _opening),
]
ELSEWHERE = {"ANIMATION", "EXTRA_BYTES", "RESTRICTIONS"}
"""Codes that only pictures, bytes around the PDF, or encryption cause: see `HOSTILE` and `HONEST`."""


@pytest.mark.parametrize("code, change", KINDS, ids=lambda value: getattr(value, "__name__", value))
def test_each_kind_of_active_content_is_reported_and_removed(
    code: str, change: Callable[[Pdf], None], tmp_path: Path
) -> None:
    pdf = new_pdf()
    change(pdf)
    left, removed = _cleaned(pdf, tmp_path)
    assert code in removed
    assert active_parts(left) == []
    assert MARK not in left


def test_each_labelled_kind_of_active_content_has_a_test() -> None:
    tried = {code for code, _change in KINDS} | set(ACTIONS.values()) | set(ANNOTATIONS.values()) | ELSEWHERE
    assert tried == reasons._REMOVED_LABELS.keys() | reasons._SILENT


@pytest.mark.parametrize("name", sorted(name for name, (_build, code, _codes) in HOSTILE.items() if not code))
def test_an_accepted_hostile_file_has_no_active_part_left(name: str, tmp_path: Path) -> None:
    build, _code, codes = HOSTILE[name]
    received, made = tmp_path / "received", tmp_path / "made"
    received.write_bytes(build())
    _pages, removed = clean(received, made, max_pages=3)
    assert codes <= removed
    assert active_parts(made.read_bytes()) == []
