"""Each PDF of the portal conforms to PDF/UA-1: read back by a reader of ours, and by a validator."""

import io
from collections.abc import Callable
from functools import cache

import page as validator
import pikepdf
import pytest
from pikepdf import Dictionary, Name, Pdf

from tests.dossiers.pdf_reader import PdfReader
from tests.dossiers.pdf_samples import (
    ARCHIVAL,
    LINE,
    NAMES,
    OTHER_NAMES,
    document_of_fonts,
    dossier,
    photograph,
    sample,
    with_answer,
    word_processed,
)
from tests.factories import receipts
from tests.factories.payloads import payload


def broken_rules(content: bytes, profile: str) -> set[str]:
    """Return what the validator says of a PDF."""
    report = validator.validate_pdf_bytes(content, profile=profile)
    return {f"{failure.rule_id}: {failure.message}" for failure in report.failures}


@cache
def reading(name: str) -> PdfReader:
    return PdfReader(sample(name))


@pytest.mark.parametrize(
    "name", [*NAMES, *(pytest.param(name, marks=pytest.mark.full) for name in OTHER_NAMES)]
)
def test_each_pdf_conforms_for_our_reader_and_for_the_validator(name: str) -> None:
    assert reading(name).problems == []
    assert broken_rules(sample(name), "ua1") == set()
    assert reading(name).declared == "1"


@pytest.mark.parametrize("name", ARCHIVAL)
def test_a_pdf_that_is_declared_archival_conforms_to_pdf_a(name: str) -> None:
    assert reading(name).archival == "2A"
    assert broken_rules(sample(name), "2a") == set()


@pytest.mark.django_db
def test_a_signed_receipt_conforms_to_pdf_ua_and_pdf_a() -> None:
    signed = receipts.signed()
    assert PdfReader(signed).problems == []
    assert broken_rules(signed, "ua1") | broken_rules(signed, "2a") == set()


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(ARCHIVAL)))
def test_a_pdf_that_is_not_validated_as_archival_does_not_declare_it(name: str) -> None:
    assert reading(name).archival == ""


# -- What a screen reader says ---


def test_a_dossier_is_read_in_order_under_nested_headings() -> None:
    found = reading("dossier")
    assert [(kind, text.strip()) for kind, text in found.spoken] == [
        ("H1", "Dossier de candidature"),
        ("H2", "Sommaire"),
        ("H2", "Déposée, révision demandée"),
        ("H2", "L’offre"),
        ("H2", "Admissibilité, critère par critère"),
        ("H2", "Réponses déposées"),
        ("H3", "Identité"),
        ("H3", "Études"),
        ("H3", "Résidence"),
        ("H2", "Déclarations acceptées"),
        ("H2", "Documents déposés"),
        ("H3", "Relevé de notes, page 1 sur 1"),
        ("H3", "Lettre, page 1 sur 1"),
        ("H3", "Preuve"),
    ]
    assert (
        found.title
        == f"Dossier {receipts.NUMBER} — {'Zoé 🎉 ' * 3} {'Wolfeschlegelsteinhausenbergerdorff ' * 2}".strip()
    )
    assert [tag.kind for tag in found.document.of("TOC", "TOCI")] == ["TOC", *["TOCI"] * 4]
    assert [tag.kind for tag in found.document.of("L", "LI")] == ["L", "LI", "LI"]


def test_a_table_over_several_pages_is_one_table_with_one_header_row() -> None:
    found = reading("list in English")
    facts, listed = found.document.of("Table")
    assert len(facts.of("TR")) == 2
    assert [[cell.text for cell in row.kids] for row in listed.of("TR")][::44] == [
        ["Rang", "Nom", "Université"],
        ["44", "Tremblay, Zoé 🎓 44", "Université Laval"],
    ]
    assert len(listed.of("TR")) == 46
    repeated = [text for _page, kind, text in found.artifacts if kind == ""]
    assert repeated == ["Rang", "Nom", "Université"] * 2


def test_an_answer_over_several_pages_is_one_cell_beside_its_label() -> None:
    found = reading("anonymous dossier")
    (row,) = [row for row in found.document.of("TR") if LINE[:20] in row.text]
    label, answer = row.kids
    assert (label.text, answer.text.count("Un paragraphe")) == ("Programme 1", 60)
    assert len({page for tag in answer.walk() for page in tag.pages}) > 1


def test_running_heads_and_page_numbers_are_typed_artifacts_and_never_read() -> None:
    found = reading("dossier")
    said = {
        rank: {kind: " ".join(text for page, of, text in found.artifacts if (page, of) == (rank, kind))}
        for rank, _kind, _text in found.artifacts
        for kind in ("Header", "Footer")
    }
    pages = 1 + max(said)
    footers = [text for page, kind, text in found.artifacts if kind == "Footer" and "page" in text]
    headers = [text for page, kind, text in found.artifacts if kind == "Header" and receipts.NUMBER in text]
    assert footers[0] == f"page 1 sur {pages}"
    assert len(footers) + sum("page" in text for text in headers) == pages
    assert f"sur {pages}" not in found.text
    assert found.text.count(receipts.NUMBER) == 1


def test_a_passage_in_another_language_has_its_language() -> None:
    found = reading("receipt in both languages")
    (english,) = [tag for tag in found.document.walk() if tag.lang == "en-CA"]
    assert (english.kind, english.text[:7]) == ("Sect", "Receipt")
    french = [tag.text for tag in english.walk() if tag.lang == "fr-CA"]
    assert french == [text for text in french if text in found.text.partition("Receipt")[0]] != []
    assert {tag.lang for tag in found.document.walk()} == {"", "en-CA", "fr-CA"}
    assert [tag.kind for tag in found.document.of("Figure")] == ["Figure", "Figure"]
    assert found.document.of("Figure")[0].alt == "Code QR de l’adresse où vérifier cet accusé de réception"


# -- Documents ---------------
def test_a_page_of_text_is_a_paragraph_and_a_page_without_text_a_figure() -> None:
    sections = reading("dossier").document.of("Sect")
    assert [[tag.kind for tag in section.kids] for section in sections] == [
        ["H3", "Figure"],
        ["H3", "P"],
        ["H3", "Div"],
    ]
    assert sections[0].kids[1].alt == "Relevé de notes, page 1 sur 1"


@pytest.mark.parametrize(
    "content, declared",
    [
        (document_of_fonts, ""),
        pytest.param(word_processed, "1", marks=pytest.mark.full),  # the hard dossier has both
        pytest.param(photograph, "1", marks=pytest.mark.full),
    ],
)
def test_a_dossier_declares_pdf_ua_unless_a_document_lacks_its_fonts(
    content: Callable[[], bytes], declared: str
) -> None:
    made = dossier(payload(), ("Lettre", content(), 1))
    found = PdfReader(made)
    assert (found.problems, found.declared) == ([], declared)
    broken = {rule.partition(":")[0] for rule in broken_rules(made, "ua1")}
    undeclared = {"PDFUA1-FONT-EMBEDDING-001", "PDFUA1-ID-PART-001", "PDFUA1-ID-SCHEMA-001"}
    assert broken == (set() if declared else undeclared)


# -- Pages ---
MIN_LINES, _FILLED = 3, 20


@pytest.mark.parametrize(
    "lines", [11, *(pytest.param(lines, marks=pytest.mark.full) for lines in range(0, 90, 2))]
)
def test_no_page_of_text_has_fewer_than_three_lines(lines: int) -> None:
    made = dossier(
        with_answer(payload(), "\n".join(f"Ligne {rank}." for rank in range(1, lines + 1)) or "Oui.")
    )
    assert [count for count in lines_of_pages(made) if count < MIN_LINES] == []


def test_an_answer_longer_than_a_page_leaves_no_page_nearly_empty() -> None:
    made = dossier(with_answer(payload(), LINE * 150))
    *before, _last = lines_of_pages(made)
    assert len(before) > 2
    assert [count for count in before if count < _FILLED] == []


def lines_of_pages(content: bytes) -> list[int]:
    """Return the number of lines of text on each page, without running heads and page numbers."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [len(_lines(page)) for page in pdf.pages]


def _lines(page: pikepdf.Page) -> set[float]:
    """Return the heights at which a page shows tagged text."""
    heights: set[float] = set()
    tagged = False
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator in {"BDC", "BMC"}:
            tagged = len(instruction.operands) > 1 and "/MCID" in instruction.operands[1]
        elif operator == "Tm" and tagged:
            heights.add(round(float(instruction.operands[5])))
    return heights


# -- The reader finds what it must ---


def _each(pdf: Pdf, kind: Name) -> list[pikepdf.Object]:
    return [node for node in pdf.objects if isinstance(node, Dictionary) and node.get("/S") == kind]


def _without_scope(pdf: Pdf) -> None:
    del _each(pdf, Name.TH)[0].A.Scope


def _without_alternative(pdf: Pdf) -> None:
    del _each(pdf, Name.Figure)[0].Alt


def _with_a_jump(pdf: Pdf) -> None:
    _each(pdf, Name.H2)[0].S = Name.H4


def _without_character(pdf: Pdf) -> None:
    font = next(node for node in pdf.objects if isinstance(node, Dictionary) and "/ToUnicode" in node)
    font.ToUnicode.write(b"endcodespacerange 1 beginbfchar <0000> <0020> endbfchar")


def _outside_the_tree(pdf: Pdf) -> None:
    top = pdf.Root.StructTreeRoot.K[0]
    del top.K[0]


@pytest.mark.parametrize(
    "break_it, said",
    [
        (_without_scope, "has no scope"),
        (_without_alternative, "no alternative text"),
        (_with_a_jump, "a heading H4 follows H1"),
        (_without_character, "has no character"),
        (_outside_the_tree, "marks, tree and parent tree differ"),
    ],
)
def test_the_reader_finds_each_fault(break_it: Callable[[Pdf], None], said: str) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(sample("dossier"))) as pdf:
        break_it(pdf)
        pdf.save(out)
    assert [problem for problem in PdfReader(out.getvalue()).problems if said in problem]
