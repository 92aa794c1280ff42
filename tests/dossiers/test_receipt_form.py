"""The structure of a receipt's PDF and the sandbox of its reader: field, statement, languages, allowed files."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn
from xml.etree.ElementTree import ParseError

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, NumberTree, Pdf, String
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.validation.errors import SignatureValidationError

from intake.documents.child.limits import Limits
from intake.dossiers.child import receipt_form, receipt_format, receipt_reader, sandbox
from intake.signing.keys import key_set_json
from intake.signing.services import known_keys
from tests.factories import receipts

FACTS = '{"numéro": "2027-020-000123-N", "a": "<&>\\""}'
WORDS = "Signature numérique du portail"


def plain(*, change: Callable[[Pdf], None] | None = None, version: str = "1.4") -> bytes:
    """Return a tagged page: a paragraph, and two nested sections."""
    pdf = pikepdf.new()
    page = pdf.make_indirect(Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 612, 792]), StructParents=4))
    pdf.pages.append(pikepdf.Page(page))
    pdf.pages.append(
        pikepdf.Page(pdf.make_indirect(Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 9, 9]))))
    )
    inner = pdf.make_indirect(Dictionary(S=Name.Sect, K=0))
    section = pdf.make_indirect(Dictionary(S=Name.Sect, K=inner))  # a kid without a list
    paragraph = pdf.make_indirect(Dictionary(S=Name.P, K=Array([1, Dictionary(Type=Name.OBJR)])))
    document = pdf.make_indirect(Dictionary(S=Name.Document, K=Array([paragraph, section])))
    pdf.Root.StructTreeRoot = pdf.make_indirect(
        Dictionary(K=Array([document]), ParentTree=Dictionary(Nums=Array([4, Array([inner, paragraph])])))
    )
    pdf.Root.Lang = String("fr-CA")
    pdf.docinfo["/Producer"] = "WeasyPrint"
    pdf.docinfo["/Title"] = "Titre"
    if change is not None:
        change(pdf)
    out = io.BytesIO()
    pdf.save(out, force_version=version)
    return out.getvalue()


def completed(tmp_path: Path, content: bytes) -> Pdf:
    path = tmp_path / "receipt.pdf"
    path.write_bytes(content)
    receipt_form.add_signature_field(path, facts=FACTS, words=WORDS)
    return pikepdf.open(path)


def test_the_signature_field_is_empty_invisible_printed_and_locked(tmp_path: Path) -> None:
    pdf = completed(tmp_path, plain())
    (field,) = pdf.Root.AcroForm.Fields
    page = pdf.pages[0].obj
    assert {key: str(field[key]) for key in set(field.keys()) - {"/P", "/Rect"}} == {
        "/Type": "/Annot",
        "/Subtype": "/Widget",
        "/FT": "/Sig",
        "/T": "Accuse",
        "/TU": WORDS,
        "/Contents": WORDS,
        "/F": "132",  # printed (bit 3), locked (bit 8)
        "/StructParent": "5",
    }
    assert ([int(side) for side in field.Rect], field.P.objgen) == ([0, 0, 0, 0], page.objgen)
    assert set(pdf.Root.AcroForm.keys()) == {"/Fields", "/SigFlags"}
    assert int(pdf.Root.AcroForm.SigFlags) == 0
    assert [note.objgen for note in page.Annots] == [field.objgen]
    assert page.Tabs == Name.S
    assert "/Annots" not in pdf.pages[1].obj


def test_the_field_has_its_own_tag_with_alternative_text(tmp_path: Path) -> None:
    pdf = completed(tmp_path, plain())
    tree, page = pdf.Root.StructTreeRoot, pdf.pages[0].obj
    document = tree.K[0]
    tag = document.K[-1]
    assert [str(kid.S) for kid in document.K] == ["/P", "/Sect", "/Form"]
    assert {key: str(tag[key]) for key in ("/Type", "/S", "/Alt")} == {
        "/Type": "/StructElem",
        "/S": "/Form",
        "/Alt": WORDS,
    }
    assert set(tag.keys()) == {"/Type", "/S", "/P", "/Pg", "/Alt", "/K"}
    assert (tag.P.objgen, tag.Pg.objgen) == (document.objgen, page.objgen)
    (reference,) = tag.K
    assert set(reference.keys()) == {"/Type", "/Obj", "/Pg"}
    assert (reference.Type, reference.Pg.objgen) == (Name.OBJR, page.objgen)
    assert reference.Obj.objgen == pdf.Root.AcroForm.Fields[0].objgen
    parents = NumberTree(tree.ParentTree)
    assert (sorted(parents.keys()), parents[5].objgen) == ([4, 5], tag.objgen)
    assert int(tree.ParentTreeNextKey) == 6


def test_the_field_follows_the_annotations_and_may_start_an_empty_parent_tree(
    tmp_path: Path,
) -> None:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Link)])
        pdf.Root.StructTreeRoot.ParentTree.Nums = Array([])

    pdf = completed(tmp_path, plain(change=change))
    assert [str(note.Subtype) for note in pdf.pages[0].obj.Annots] == ["/Link", "/Widget"]
    assert int(pdf.Root.AcroForm.Fields[0].StructParent) == 0
    assert int(pdf.Root.StructTreeRoot.ParentTreeNextKey) == 1


def test_the_statement_is_read_in_the_metadata_and_the_title_stays(tmp_path: Path) -> None:
    pdf = completed(tmp_path, plain())
    content = (tmp_path / "receipt.pdf").read_bytes()
    assert b'xmlns:receipt="urn:intake:receipt:1#"' in content
    assert receipt_format.NAMESPACE == "urn:intake:receipt:1#"
    reader = SimpleNamespace(root={"/Metadata": SimpleNamespace(data=pdf.Root.Metadata.read_bytes())})
    assert receipt_reader._facts(reader) == FACTS
    assert {str(key): str(value) for key, value in pdf.docinfo.items()} == {
        "/Producer": "WeasyPrint",
        "/Title": "Titre",
    }
    assert b"MetadataDate" not in content


def test_a_receipt_is_written_uncompressed_as_pdf_1_7_with_stable_bytes(tmp_path: Path) -> None:
    drawn, made = plain(), []
    for _time in range(2):
        completed(tmp_path, drawn).close()
        made.append((tmp_path / "receipt.pdf").read_bytes())
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF-1.7")
    assert b"/ObjStm" not in made[0]


# -- Files that may be read ---


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The audit hook of a directory's sandbox. It is called, and not installed in this process."""
    hooks: list[Callable[[str, tuple[object, ...]], None]] = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    (tmp_path / "room").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "room")
    sandbox.install_hook({"/given/pdf.css"}, tmp_path / "link")
    (found,) = hooks
    return lambda event, *arguments: found(event, arguments)


@pytest.mark.parametrize(
    "event",
    [
        "socket.connect",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.fork",
        "os.forkpty",
        "urllib.Request",
        "ftplib.connect",
        "http.client.connect",
    ],
)
def test_the_sandbox_refuses_network_and_other_programs(event: str, hook: Callable[..., None]) -> None:
    with pytest.raises(PermissionError, match=f"^{event} is not for this process$"):
        hook(event, "anything")
    hook("import", "anything")
    hook("os.listdir", "/etc")


def test_the_process_opens_only_given_files_its_directory_and_python(
    hook: Callable[..., None], tmp_path: Path
) -> None:
    room = tmp_path / "room"
    roots = {sys.prefix, sys.base_prefix, sys.base_exec_prefix}
    opened: list[object] = [
        "/given/pdf.css",
        b"/given/pdf.css",
        str(room / "job.json"),
        str(tmp_path / "link" / "job.json"),
        bytes(room / "job.json"),
        3,
        *(str(Path(root) / "lib" / "x.py") for root in roots),
        *(str(Path(root).resolve() / "lib" / "x.py") for root in roots),
    ]
    for path in opened:
        hook("open", path, "r", 0)
    refused = ["/given/pdf.css.old", "/given", "/etc/hostname", str(room), f"{room}-beside/x", "job.json"]
    refused += [f"{sys.prefix}-beside/x"]
    for name in refused:
        for path in (name, name.encode()):
            with pytest.raises(PermissionError, match=f"^{name} is not for this process$"):
                hook("open", path, "r", 0)


def test_a_relative_name_is_resolved_in_the_directory_of_the_process(
    hook: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "room")
    hook("open", "job.json")


def test_drawing_and_reading_have_their_resource_limits() -> None:
    gib, mib = 1024**3, 1024**2
    assert Limits(30, gib, 256 * mib, 256) == sandbox.DRAWING
    assert Limits(5, gib, 256 * mib, 256) == sandbox.READING


# -- Reading an untrusted file ---------------


def test_reading_a_receipt_applies_limits_and_sandbox_then_writes_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def apply(limits: Limits) -> None:
        asked.append(limits)

    monkeypatch.setattr(receipt_reader, "exit_with_parent", lambda: asked.append("ends with its parent"))
    monkeypatch.setattr(Limits, "apply", apply)
    monkeypatch.setattr(sandbox, "enter_sandbox", lambda readable, room: asked.append((readable, room)))
    (tmp_path / "in.pdf").write_bytes(receipts.signed())
    (tmp_path / "keys.json").write_text(json.dumps(key_set_json(known_keys())))
    receipt_reader.main(tmp_path)
    assert asked == ["ends with its parent", sandbox.READING, (set(), tmp_path)]
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8")) == {
        "facts": receipts.facts().canonical().decode(),
        "key_id": next(iter(known_keys().keys)),
    }


@pytest.mark.parametrize(
    "error",
    [
        PdfError(""),
        SignatureValidationError(""),
        ValueError(),
        TypeError(),
        KeyError(),
        AttributeError(),
        IndexError(),
        RecursionError(),
        NotImplementedError(),
        ZeroDivisionError(),
        ParseError(),
    ],
    ids=repr,
)
def test_any_error_of_the_libraries_reports_changed_bytes(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> NoReturn:
        raise error

    monkeypatch.setattr(receipt_reader, "_check_signature", fail)
    assert receipt_reader.read(receipts.signed(), known_keys()) == {"problem": "BYTES"}


RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:r="urn:intake:receipt:1#">{}</rdf:RDF>'


@pytest.mark.parametrize(
    "body, facts",
    [
        ("<rdf:Description r:facts='les faits'/>", "les faits"),
        ("<rdf:Description><r:facts>les faits</r:facts></rdf:Description>", "les faits"),
        ("<rdf:Description facts='autres' r:other='x'><facts>autres</facts></rdf:Description>", None),
    ],
)
def test_facts_are_read_only_from_the_namespace_of_the_portal(body: str, facts: str | None) -> None:
    reader = SimpleNamespace(root={"/Metadata": SimpleNamespace(data=RDF.format(body).encode())})
    if facts is None:
        with pytest.raises(ValueError, match="a signed file without facts"):
            receipt_reader._facts(reader)
    else:
        assert receipt_reader._facts(reader) == facts
