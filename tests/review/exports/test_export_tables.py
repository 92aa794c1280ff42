"""Values of a row in each format, cell by cell, from rows without a database."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest

from intake.dossiers.sealed_payload import Answer, AnsweredSection, Payload, Person, SealedOffer
from intake.review.exports import archive
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
from intake.review.shortlists.lines import Entry, Line
from intake.submissions.models import Ruling

RECEIVED_AT = datetime(2031, 3, 10, 3, 4, 5, 678, tzinfo=UTC)
EMPTY: Row = {column.id: "" for column in COLUMNS}
WHOLE: Row = {
    **EMPTY,
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
    **EMPTY,
    "rank": None,
    "number": "2031-050-000002-M",
    "received_at": datetime(2031, 7, 1, 12, tzinfo=UTC),
    "birth_date": None,
    "mean_mark": None,
    "marks": 0,
}


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
    header, *lines = csv.reader(io.StringIO(to.getvalue().decode("utf-8-sig"), newline=""))
    assert header == [str(column.header) for column in COLUMNS]
    whole, bare = ({id_: text for id_, text in zip(EMPTY, line, strict=True) if text} for line in lines)
    assert whole == {key: value for key, value in WHOLE.items() if value} | {
        "rank": "1",
        "received_at": "2031-03-09T23:04:05-04:00",
        "first_name": "'-Ève",
        "birth_date": "1999-02-28",
        "mean_mark": "4.13",
        "marks": "3",
    }
    assert bare == {"number": "2031-050-000002-M", "received_at": "2031-07-01T08:00:00-04:00", "marks": "0"}


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


def _filled(row: Row) -> Row:
    return {key: value for key, value in row.items() if value not in {"", None}}


def test_a_row_is_read_from_the_seal_and_empty_after_anonymisation() -> None:
    studies = AnsweredSection("etudes", "Études", (Answer("studies", "Programme", "Droit"),))
    whole = payload(studies, kinds=("AGE",)).canonical()
    row = row_of(line_of(whole, score=Decimal("4.125"), marks=3, reserve="LIFTED"))
    assert row.keys() == EMPTY.keys()
    assert _filled(row) == {
        "rank": 2,
        "number": "N",
        "received_at": RECEIVED_AT,
        "last_name": "Roy",
        "first_name": "Ève",
        "birth_date": date(1999, 2, 28),
        "email": "eve@exemple.invalid",
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
    assert _filled(gone) == {
        "number": "N",
        "received_at": RECEIVED_AT,
        "verdict": "Admissible",
        "marks": 0,
    }


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
