"""Values of a row in each format, cell by cell, from rows without a database."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from intake.dossiers.render import TableColumn
from intake.dossiers.sealed_payload import Answer, AnsweredSection, Payload, Person, SealedOffer
from intake.review.exports import archive, pdf_file, xlsx_file
from intake.review.exports.columns import (
    COLUMNS,
    Row,
    answer_cell,
    format_phone,
    row_of,
    rulings_text,
    studies_of,
)
from intake.review.exports.csv_file import cell, write_csv, write_table
from intake.review.exports.pdf_file import write_pdf
from intake.review.exports.xlsx_file import write_xlsx
from intake.review.models import Shortlist
from intake.review.shortlists.lines import Entry, Line
from intake.submissions.models import Ruling
from offers.models import Offer
from offers.services.creating import default_programme

RECEIVED_AT = datetime(2031, 3, 10, 3, 4, 5, 678, tzinfo=UTC)
WHOLE: Row = {
    "rank": 1,
    "number": "2031-050-000001-K",
    "received_at": RECEIVED_AT,
    "last_name": "Roy",
    "first_name": "-Ève",
    "birth_date": date(1999, 2, 28),
    "email": "eve@exemple.invalid",
    "phone": "418 555-0142",
    "city": "Québec",
    "province": "QC",
    "studies": "Droit; Éthique",
    "verdict": "Admissible",
    "mean_mark": Decimal("4.13"),
    "marks": 3,
    "reserve": "Révision favorable",
    "ruling": "Âge : refus écarté",
}
BARE: Row = {
    **dict.fromkeys(WHOLE, ""),
    "rank": None,
    "number": "2031-050-000002-M",
    "received_at": datetime(2031, 7, 1, 12, tzinfo=UTC),
    "birth_date": None,
    "mean_mark": None,
    "marks": 0,
}
FROZEN = Shortlist(
    number=4, frozen_at=datetime(2031, 7, 4, 3, 59, tzinfo=UTC), digest=f"sha256:{'a' * 64}", reason="x"
)


def offer() -> Offer:
    return Offer(
        number="2031-050",
        organisation="=Organisation d’essai",
        programme=default_programme(),
        closes_at=datetime(2031, 4, 1, 4, tzinfo=UTC),
    )


# -- CSV ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "value, written",
    [
        (None, ""),
        ("", ""),
        (datetime(2031, 1, 10, 3, 4, 5, 999_999, tzinfo=UTC), "2031-01-09T22:04:05-05:00"),
        (date(1999, 2, 28), "1999-02-28"),
        (-3, "-3"),
        (Decimal("4.10"), "4.10"),
        (Decimal("-0.5"), "-0.5"),
        ("=1+1", "'=1+1"),
        ("Roy", "Roy"),
    ],
)
def test_a_value_is_written_in_iso_form_and_formulas_are_escaped(value: object, written: str) -> None:
    assert cell(value) == written


def test_the_csv_has_each_column_under_its_header() -> None:
    to = io.BytesIO()
    assert write_csv(to, [WHOLE, BARE]) == 2
    header, whole, bare = csv.reader(io.StringIO(to.getvalue().decode("utf-8-sig"), newline=""))
    assert header == [str(column.header) for column in COLUMNS]
    assert whole == [
        "1", "2031-050-000001-K", "2031-03-09T23:04:05-04:00", "Roy", "'-Ève", "1999-02-28",
        "eve@exemple.invalid", "418 555-0142", "Québec", "QC", "Droit; Éthique", "Admissible", "4.13", "3",
        "Révision favorable", "Âge : refus écarté",
    ]  # fmt: skip
    assert bare == ["", "2031-050-000002-M", "2031-07-01T08:00:00-04:00", *[""] * 10, "0", "", ""]


def test_a_table_leaves_its_file_open_even_when_a_line_cannot_be_read() -> None:
    to = io.BytesIO()
    assert write_table(to, ["a", "=b"], [[1, None], ["é", "x,y"]]) == 2
    assert to.getvalue() == '\ufeffa,\'=b\r\n1,\r\né,"x,y"\r\n'.encode()

    def broken() -> Any:
        yield [1]
        raise OSError

    with pytest.raises(OSError, match=r"^$"):
        write_table(to, ["a"], broken())
    assert not to.closed


# -- Workbook ----------------------------------------------------------------------------------------------------
def look(sheet: Worksheet, name: str) -> tuple[object, ...]:
    """Return the look of a cell: number format, alignment, whether it is a text."""
    found = sheet[name]
    return (
        found.number_format,
        found.alignment.vertical,
        bool(found.alignment.wrap_text),
        bool(found.quotePrefix),
    )


def widths(sheet: Worksheet) -> list[int]:
    """Return the columns' widths in characters; equal neighbours are one entry."""
    return [
        int(found.width)
        for found in sheet.column_dimensions.values()
        for _column in range(found.min, found.max + 1)
    ]


@pytest.mark.django_db
def test_each_cell_of_the_workbook_of_a_frozen_list_has_its_value() -> None:
    to = io.BytesIO()
    assert write_xlsx(to, [WHOLE, BARE], offer=offer(), shortlist=FROZEN) == 2
    book = load_workbook(to)
    assert book.properties.title == "Liste de présélection — offre 2031-050"
    assert book.properties.created == datetime(2031, 7, 3, 23, 59)  # noqa: DTZ001 -- a workbook knows no zone
    sheet, about = book.worksheets
    assert (sheet.title, about.title) == ("Liste de présélection", "À propos")
    header, whole, bare = sheet.iter_rows(values_only=True)
    assert list(header) == [str(column.header) for column in COLUMNS]
    assert list(whole) == [
        1, "2031-050-000001-K", datetime(2031, 3, 9, 23, 4, 5), "Roy", "-Ève", datetime(1999, 2, 28),  # noqa: DTZ001 -- a workbook knows no zone
        "eve@exemple.invalid", "418 555-0142", "Québec", "QC", "Droit; Éthique", "Admissible", 4.13, 3,
        "Révision favorable", "Âge : refus écarté",
    ]  # fmt: skip
    assert list(bare) == [None, "2031-050-000002-M", datetime(2031, 7, 1, 8), *[None] * 10, 0, None, None]  # noqa: DTZ001 -- a workbook knows no zone
    assert widths(sheet) == [column.width for column in COLUMNS]
    assert widths(sheet) == [6, 22, 20, 22, 18, 18, 34, 18, 20, 10, 60, 24, 10, 8, 16, 40]
    assert {name: look(sheet, name) for name in ("A2", "C2", "D2", "E2", "F2", "M2", "N2")} == {
        "A2": ("0", "top", False, False),
        "C2": ("yyyy-mm-dd hh:mm:ss", "top", False, False),
        "D2": ("General", "top", True, False),
        "E2": ("General", "top", True, True),
        "F2": ("yyyy-mm-dd", "top", False, False),
        "M2": ("0.00", "top", False, False),
        "N2": ("0", "top", False, False),
    }
    head = sheet["A1"]
    assert (head.font.b, head.font.color.rgb, head.fill.fgColor.rgb) == (True, "FFFFFFFF", "FF095797")
    assert (head.alignment.vertical, head.alignment.wrap_text) == ("center", True)
    assert (head.border.bottom.style, head.border.bottom.color.rgb) == ("thin", "FFDAE6F0")
    assert (sheet.row_dimensions[1].height, sheet.freeze_panes) == (32.25, "C2")
    assert (sheet.auto_filter.ref, sheet.print_title_rows) == ("A1:P3", "$1:$1")
    page = sheet.page_setup
    assert (page.orientation, page.fitToWidth, page.fitToHeight) == ("landscape", None, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert not [cell.coordinate for cell in sheet[3] if cell.value is None and cell.has_style]
    assert (sheet.oddFooter.left.text, sheet.oddFooter.right.text) == ("2031-050", "&P / &N")


@pytest.mark.django_db
def test_the_second_sheet_describes_the_list_and_its_columns() -> None:
    to = io.BytesIO()
    write_xlsx(to, [WHOLE, BARE], offer=offer(), shortlist=FROZEN)
    about = load_workbook(to).worksheets[1]
    rows = [[value for value in row if value is not None] for row in about.iter_rows(values_only=True)]
    assert rows[:12] == [
        ["Liste de présélection"],
        [],
        ["Offre", "2031-050"],
        ["Organisation", "=Organisation d’essai"],
        ["Candidatures", "2"],
        ["Version des colonnes", "2"],
        ["Programme", default_programme().name],
        ["Liste figée", "4"],
        ["Figée le", "3\u00a0juillet\u00a02031, 23\u00a0h\u00a059 (heure de l’Est, Québec)"],
        ["Empreinte", f"sha256:{'a' * 64}"],
        [],
        ["Identifiant", "Colonne", "Contenu"],
    ]
    assert rows[12:] == [[column.id, str(column.header), str(column.meaning)] for column in COLUMNS]
    assert widths(about) == [22, 22, 90]
    title = about["A1"]
    assert (title.font.b, title.font.sz, title.font.color.rgb) == (True, 14, "FF095797")
    assert about["B4"].quotePrefix
    assert not about["B3"].quotePrefix
    assert about["A12"].font.b
    assert about["A3"].alignment.wrap_text


@pytest.mark.django_db
def test_the_workbook_of_a_current_list_is_dated_by_the_closing() -> None:
    to = io.BytesIO()
    assert write_xlsx(to, [], offer=replace_number(offer(), "R&D")) == 0
    book = load_workbook(to)
    assert book.properties.created == datetime(2031, 4, 1)  # noqa: DTZ001 -- a workbook knows no zone
    sheet, about = book.worksheets
    assert sheet.auto_filter.ref == "A1:P1"
    assert (sheet.oddFooter.left.text, sheet.oddFooter.right.text) == ("R&&D", "&P / &N")
    facts = [row[0] for row in about.iter_rows(min_row=3, max_row=8, values_only=True)]
    assert facts == ["Offre", "Organisation", "Candidatures", "Version des colonnes", "Programme", None]
    assert about["A9"].value == "Identifiant"


def replace_number(given: Offer, number: str) -> Offer:
    given.number = number
    return given


@pytest.mark.django_db
def test_a_cell_of_text_stays_text_within_the_memory_limit() -> None:
    to = io.BytesIO()
    book = xlsxwriter.Workbook(to, xlsx_file._OPTIONS)
    assert book.constant_memory
    sheet = book.add_worksheet()
    for line, text in enumerate(("=1+1", "12", "https://exemple.invalid/")):
        sheet.write(line, 0, text)
    book.close()
    cells = [row[0] for row in load_workbook(to).active.iter_rows()]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [
        ("=1+1", "s", None),
        ("12", "s", None),
        ("https://exemple.invalid/", "s", None),
    ]
    without = offer()
    without.number = None
    assert write_xlsx(io.BytesIO(), [], offer=without) == 0


# -- PDF ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_pdf_is_drawn_of_its_essential_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[dict[str, Any]] = []

    def draw(**asked: Any) -> bytes:
        drawn.append(asked)
        return b"%PDF"

    monkeypatch.setattr(pdf_file, "render_table", draw)
    to = io.BytesIO()
    assert write_pdf(to, [WHOLE, BARE], offer=offer(), shortlist=FROZEN) == 2
    assert to.getvalue() == b"%PDF"
    assert write_pdf(io.BytesIO(), [], offer=offer(), shortlist=None) == 0
    frozen, standing = drawn
    widths = {
        "Rang": 11, "Numéro de dépôt": 34, "Nom": 27, "Prénom": 22, "Courriel": 44, "Téléphone": 23, "Ville": 20,
        "Admissibilité": 26, "Moyenne": 17, "Révision demandée": 17,
    }  # fmt: skip
    assert sum(widths.values()) == 241, "millimetres of the page"
    assert frozen == {
        "title": "Liste de présélection — offre 2031-050",
        "subject": "=Organisation d’essai",
        "portal": default_programme().name,
        "facts": [
            ("Liste figée", "4"),
            ("Figée le", "3\u00a0juillet\u00a02031, 23\u00a0h\u00a059 (heure de l’Est, Québec)"),
            ("Empreinte", f"sha256:{'a' * 64}"),
            ("Candidatures", "2"),
        ],
        "columns": [TableColumn(header, width) for header, width in widths.items()],
        "rows": [
            ["1", "2031-050-000001-K", "Roy", "-Ève", "eve@exemple.invalid", "418 555-0142", "Québec", "Admissible",
             "4,13", "Révision favorable"],
            ["—", "2031-050-000002-M", "", "", "", "", "", "", "—", ""],
        ],
    }  # fmt: skip
    assert standing["facts"] == [
        ("Liste figée", "Non : la liste au moment de l’exportation"),
        ("Candidatures", "0"),
    ]


# -- Sealed values as text ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "phone, read",
    [
        ("+14185550142", "418 555-0142"),
        ("+33145681000", "+33145681000"),
        ("+14185550142;ext=12", "418 555-0142, poste 12"),
        ("+33145681000;ext=7", "+33145681000, poste 7"),
        ("+1418555014", "+1418555014"),
        ("", ""),
    ],
)
def test_a_north_american_telephone_number_is_written_in_groups(phone: str, read: str) -> None:
    assert format_phone(phone) == read


def payload(*sections: AnsweredSection, kinds: tuple[str, ...] = ()) -> Payload:
    person = Person(
        "Ève", "Roy", "1999-02-28", "eve@exemple.invalid", "", "1, rue A", "Québec", "QC", "G1A 1A4"
    )
    call = SealedOffer("2031-050", "Org", "Droit", "Rome", "2031-09-01", "2032-02-28", "2031-04-01T04:00:00Z")
    verdict = {"findings": [{"kind": kind} for kind in kinds]}
    return Payload(1, person, call, sections, {}, verdict, (), ())


def test_studies_list_the_declared_programmes_on_one_line() -> None:
    studies = AnsweredSection(
        "etudes",
        "Études",
        (
            Answer("studies", "Programme 1", " Maîtrise,\n  éthique "),
            Answer("studies_2", "Programme 2", "  "),
            Answer("studies_3", "Programme 3", "Droit"),
            Answer("bar_school", "Barreau", "Non"),
        ),
    )
    other = AnsweredSection("autre", "Autre", (Answer("studies", "Programme", "Ailleurs"),))
    assert studies_of(payload(other, studies)) == "Maîtrise, éthique; Droit"
    assert studies_of(payload(other)) == ""


def test_the_last_ruling_on_each_refusal_is_listed_with_its_day() -> None:
    overturned, upheld = Ruling.Decision.OVERTURNED, Ruling.Decision.CONFIRMED
    at = datetime(2031, 3, 10, 3, tzinfo=UTC)
    rulings = [
        Ruling(position=0, decision=overturned, at=at),
        Ruling(position=0, decision=upheld, at=at.replace(day=12)),
        Ruling(position=2, decision=overturned, at=at),
    ]
    said = rulings_text(payload(kinds=("AGE", "RESIDENCE", "AGE")), rulings).replace("\u00a0", " ")
    assert said == "Âge (1) : critère confirmé le 11 mars 2031 ; Âge (2) : critère écarté le 9 mars 2031"
    assert rulings_text(payload(kinds=("AGE",)), []) == ""


def test_a_row_has_one_value_for_each_column_in_order() -> None:
    assert [column.id for column in COLUMNS] == list(WHOLE)
    assert row_of(line_of(None)).keys() == WHOLE.keys()


def line_of(payload_sealed: str | None, **changes: Any) -> Line:
    """Return a line of a list with this sealed payload; None for an anonymised one."""
    entry: dict[str, Any] = {"place": 2, "filing": 9, "number": "N", "seal": "", "score": None, "marks": 0}
    return Line(
        Entry(**entry | {"reserve": "NONE"} | changes),
        received_at=RECEIVED_AT,
        outcome="ELIGIBLE",
        sealed=payload_sealed,
        dossier=None,
        dossier_sha256=None,
        rulings=[Ruling(position=0, decision=Ruling.Decision.OVERTURNED, at=RECEIVED_AT)],
    )


def test_a_row_is_read_from_the_seal_and_empty_after_anonymisation() -> None:
    studies = AnsweredSection("etudes", "Études", (Answer("studies", "Programme", "Droit"),))
    whole = payload(studies, kinds=("AGE",)).canonical()
    row = row_of(line_of(whole, score=Decimal("4.125"), marks=3, reserve="LIFTED"))
    assert row == {
        "rank": 2,
        "number": "N",
        "received_at": RECEIVED_AT,
        "last_name": "Roy",
        "first_name": "Ève",
        "birth_date": date(1999, 2, 28),
        "email": "eve@exemple.invalid",
        "phone": "",
        "city": "Québec",
        "province": "QC",
        "studies": "Droit",
        "verdict": "Admissible",
        "mean_mark": Decimal("4.13"),
        "marks": 3,
        "reserve": "Révision favorable",
        "ruling": "Âge\u00a0: critère écarté le 9\u00a0mars\u00a02031",
    }
    gone = row_of(line_of(None))
    assert gone == {**BARE, "number": "N", "received_at": RECEIVED_AT, "verdict": "Admissible"}


@pytest.mark.parametrize(
    "key, sealed, cell",
    [
        ("city", "Gaspé", "Gaspé"),
        ("bar_school", "Oui", "Oui"),
        ("phone", "+14185550142", "418 555-0142"),
        ("birth_date", "1999-02-28", date(1999, 2, 28)),
        ("quebec_resident_since", "1er\u00a0mai\u00a02018", date(2018, 5, 1)),
        ("quebec_resident_since", "", None),
    ],
)
def test_a_sealed_answer_is_exported_by_the_kind_of_its_question(key: str, sealed: str, cell: object) -> None:
    assert answer_cell(key, sealed) == cell


def test_an_anonymised_file_without_dossier_is_listed_as_missing() -> None:
    missing: list[str] = []
    with ZipFile(io.BytesIO(), "w") as archive_file:
        archive._pack_line(archive_file, line_of(None), row_of(line_of(None)), [], missing)
    assert missing == ["N\u00a0: le dossier n’est pas encore produit."]
