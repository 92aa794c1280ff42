"""The demonstration's documents: typesetting by the font's metrics, and exact text."""

import hashlib
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from intake.devtools import sample_pdf
from intake.devtools.demonstration import sample_texts
from intake.devtools.sample_pdf import HEADING, TEXT, TITLE, Style, make_pdf

if TYPE_CHECKING:
    from offers.models import Offer

# Adobe's metrics of Helvetica, by width in thousandths of the type size.
WIDTHS = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}


def test_a_line_is_as_wide_as_its_letters() -> None:
    assert sum(len(letters) for letters in WIDTHS.values()) == 95
    assert {width: sample_pdf._width(letters) for width, letters in WIDTHS.items()} == {
        width: width * len(letters) for width, letters in WIDTHS.items()
    }
    assert (
        sample_pdf._width("é"),
        sample_pdf._width("\u00a0"),
        sample_pdf._width("Œ"),
        sample_pdf._width(""),
    ) == (
        556,
        278,
        1000,
        0,
    )
    assert (sample_pdf._width("\x1f"), sample_pdf._width("\x7f")) == (1000, 1000)


def test_a_sample_page_is_filled_within_its_margins() -> None:
    assert (
        Style(18, 24, 0, "F2"),
        Style(12, 16, 14, "F2"),
        Style(10.5, 15, 6, "F1"),
    ) == (TITLE, HEADING, TEXT)
    blocks = [(TITLE, "Titre"), (HEADING, "Un (1) \\ deux"), (TEXT, "mot " * 25)]
    (page,) = sample_pdf._set_pages(blocks)
    assert page == (
        "BT /F2 18 Tf 72 696 Td (Titre) Tj ET\n"
        "BT /F2 12 Tf 72 666 Td (Un \\(1\\) \\\\ deux) Tj ET\n"
        f"BT /F1 10.5 Tf 72 645 Td ({' '.join(['mot'] * 23)}) Tj ET\n"
        "BT /F1 10.5 Tf 72 630 Td (mot mot ) Tj ET"
    )


@pytest.mark.parametrize("lines, pages", [(43, [43]), (44, [43, 1]), (87, [43, 43, 1])])
def test_a_page_has_as_many_lines_as_fit(lines: int, pages: list[int]) -> None:
    """648 points between the margins, 15 per line: the first paragraph of a page has no space before it."""
    style = Style(size=10, leading=15, before=0)
    found = list(sample_pdf._set_pages([(style, "x")] * lines))
    assert [page.count(" Tj ET") for page in found] == pages
    assert ["72 705 Td" in page for page in found] == [True] * len(pages)


def test_a_line_is_broken_when_it_is_wider_than_the_page() -> None:
    """A line is 468 points wide: at 10 points, 46,800 thousandths of the type size."""
    style = Style(size=10, leading=15, before=0)
    exactly = "x" * 52 + " " + "x" * 40 + "l"  # 52 × 500 + 278 + 40 × 500 + 222: 46,500
    assert sample_pdf._width(exactly) == 46_500
    for more, lines in (("", 1), (" ", 1), ("'", 1), ("!", 1), ("(", 2)):
        found = list(sample_pdf._lines(exactly + more, style))
        assert len(found) == lines, more
        assert " ".join(found) == exactly + more
    assert list(sample_pdf._lines("x" * 200, style)) == ["x" * 200]  # a word is never broken
    just = "x" * 93 + " " + "l"  # 93 × 500 + 278 + 222 = 47,000: too wide
    assert list(sample_pdf._lines(just, style)) == ["x" * 93, "l"]


def test_a_document_is_written_byte_for_byte() -> None:
    content = make_pdf(title="Été", blocks=[(TEXT, "déjà")])
    page = b"BT /F2 18 Tf 72 696 Td (\xc9t\xe9) Tj ET\nBT /F1 10.5 Tf 72 675 Td (d\xe9j\xe0) Tj ET"
    fonts = b"<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (fr-CA) >>",
        b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources " + fonts + b" /Contents 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Title <FEFF00C9007400E9> >>",
    ]
    expected, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(expected))
        expected += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(expected)
    expected += b"xref\n0 8\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % one for one in places)
    expected += b"trailer\n<< /Size 8 /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table
    assert content == expected
    two = make_pdf(title="x", blocks=[(Style(10, 700, 0), "x"), (Style(10, 600, 0), "y")])
    assert b"/Kids [5 0 R 7 0 R 9 0 R] /Count 3" in two
    assert b"/Contents 10 0 R" in two


# -- Text -------


OFFER = cast(
    "Offer",
    SimpleNamespace(
        starts_on=date(2027, 1, 11),
        grid_lines=SimpleNamespace(
            order_by=lambda name: (
                [SimpleNamespace(pk=pk) for pk in (9, 8, 7, 6, 5)] if name == "position" else []
            )
        ),
    ),
)
PAPERS = {
    "CV": ("Camille Tremblay", "cc0ccc3a50da56b3"),
    "MOTIVATION_LETTER": ("Lettre de motivation", "4f4559992a4a3358"),
    "TRANSCRIPT": ("Relevé de notes", "f7caf5f7c6e14f46"),
    "ENROLMENT_PROOF": ("Attestation d’inscription", "0413101509feace2"),
    "OTHER": ("Document de démonstration", "a7f9a20be5140156"),
}


@pytest.mark.parametrize("kind", PAPERS)
def test_the_text_of_a_sample_document_stays_the_same(kind: str) -> None:
    title, blocks = sample_texts.document_for(kind, OFFER)
    text = "\n".join(f"{style.size:g} {said}" for style, said in blocks)
    assert (title, hashlib.sha256(text.encode()).hexdigest()[:16]) == PAPERS[kind]


def test_sample_people_and_files_have_their_names() -> None:
    assert (sample_texts.CANDIDATE, sample_texts.REVIEWER, sample_texts.STAFF) == (
        ("camille.tremblay@exemple.invalid", "Camille Tremblay"),
        ("dominique.roy@exemple.invalid", "Dominique Roy"),
        ("claude.gagnon@exemple.invalid", "Claude Gagnon"),
    )
    assert sample_texts.FILE_NAMES == {
        "CV": "curriculum-vitae.pdf",
        "MOTIVATION_LETTER": "lettre-de-motivation.pdf",
        "TRANSCRIPT": "releve-de-notes.pdf",
        "ENROLMENT_PROOF": "preuve-inscription.pdf",
    }


def test_sample_answers_follow_the_dates_of_the_offer() -> None:
    answers: dict[str, Any] = sample_texts.answers_for(OFFER)
    grid = answers.pop("grid")
    assert list(grid) == ["9", "8", "7", "6", "5"]
    assert [grid[key] == sample_texts._GRID_ANSWERS[rank % 4] for rank, key in enumerate(grid)] == [True] * 5
    levels = {f"language_fr_{use}": "FLUENT" for use in ("read", "spoken", "written")}
    levels |= {
        "language_en_read": "FLUENT",
        "language_en_spoken": "ADVANCED",
        "language_en_written": "ADVANCED",
    }
    assert answers == levels | {
        "first_name": "Camille",
        "last_name": "Tremblay",
        "birth_date": "2001-05-04",
        "phone": "+14185550142",
        "address_line": "1200, rue des Érables, app. 4",
        "city": "Québec",
        "province": "QC",
        "postal_code": "G1R 2L6",
        "legal_status": "CITIZEN",
        "domicile_province": "QC",
        "quebec_resident_since": "2001-05-04",
        "resident_for_health_insurance": True,
        "resident_for_tax": True,
        "studies": [
            {
                "level": "MASTER",
                "field_of_study": "Éthique appliquée",
                "institution": "Université Laval",
                "state": "IN_PROGRESS",
                "completed_on": None,
                "expected_on": "2027-04-30",
            },
            {
                "level": "BACHELOR",
                "field_of_study": "Philosophie et informatique",
                "institution": "Université de Montréal",
                "state": "COMPLETED",
                "completed_on": "2025-05-31",
                "expected_on": None,
            },
        ],
        "bar_school": False,
        "professional_order_stage": False,
        "attests_writing_fr": True,
        "attests_writing_en": True,
        "attests_skills": True,
        "past_participant": False,
        "other_languages": "Espagnol, lecture",
    }
