"""Descriptions of a correction: header, sections, documents."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from offers.change_descriptions import (
    describe_point,
    document_lines,
    format_closing,
    format_day,
    header_lines,
    section_lines,
)
from offers.models import DocumentRequestData, Offer, OpenPoint, Section, SectionData

MANDATE, SKILLS = Section.Kind.MANDATE, Section.Kind.SKILLS
TEXT = "Préparer les réunions du comité, rédiger les comptes rendus et suivre les décisions."
OTHER = "Parler espagnol ou portugais."


def section(title: str, text: str = TEXT, kind: Section.Kind = MANDATE) -> SectionData:
    return SectionData(kind=kind, title=title, text=text)


@pytest.mark.parametrize(
    "after, told",
    [
        ([section("Mandat")], []),
        ([section("Mandat", OTHER)], ["Section « Mandat » : texte modifié"]),
        ([section("Tâches")], ["Section « Mandat » : s’intitule « Tâches »"]),
        ([section("Tâches", OTHER)], ["Section « Tâches » : ajoutée", "Section « Mandat » : retirée"]),
        (
            [section("Tâches", TEXT, SKILLS)],
            ["Section « Tâches » : ajoutée", "Section « Mandat » : retirée"],
        ),
        ([section("Mandat"), section("Profil", OTHER, SKILLS)], ["Section « Profil » : ajoutée"]),
        ([], ["Section « Mandat » : retirée"]),
    ],
    ids=["nothing", "its text", "its title", "both", "title and kind", "one more", "one less"],
)
def test_sections_are_matched_by_title_or_by_kind_and_most_of_the_text(
    after: list[SectionData], told: list[str]
) -> None:
    lines = section_lines([section("Mandat")], after)
    assert [line.replace("\u00a0", " ") for line in lines] == told


def test_reordered_sections_are_described_by_one_line() -> None:
    one, two = section("Mandat"), section("Profil", OTHER, SKILLS)
    assert [line.replace("\u00a0", " ") for line in section_lines([one, two], [two, one])] == [
        "Ordre des sections : changé"
    ]


@pytest.mark.parametrize(
    "before, after, told",
    [
        # Once one section is paired by title, another may be paired by text.
        (
            [section("Mandat"), section("Profil", OTHER)],
            [section("Mandat", OTHER), section("Tâches")],
            [
                "Section « Mandat » : texte modifié",
                "Section « Tâches » : ajoutée",
                "Section « Profil » : retirée",
            ],
        ),
        # Sections without a title are described by their kind.
        (
            [section(""), section("", OTHER, SKILLS)],
            [section("", TEXT, SKILLS), section("Autre", TEXT)],
            [
                "Section « Mandat » : s’intitule « Autre »",
                "Section « Compétences et expérience » : ajoutée",
                "Section « Compétences et expérience » : retirée",
            ],
        ),
        (
            [section("Mandat")],
            [section("Mandat", TEXT, SKILLS)],
            ["Section « Mandat » : nature « Compétences et expérience »"],
        ),
        # Line ends differ between browsers; a space at the start of a line is text.
        ([section("Mandat", "Un\ndeux")], [section("Mandat", "\r\nUn  \r\ndeux\n\n")], []),
        (
            [section("Mandat", "Un\ndeux")],
            [section("Mandat", "Un\n deux")],
            ["Section « Mandat » : texte modifié"],
        ),
        # Three in another order, with one changed.
        (
            [section("A", "a"), section("B", "b"), section("C", "c")],
            [section("C", "c"), section("A", "a"), section("B", "bb")],
            ["Section « B » : texte modifié", "Ordre des sections : changé"],
        ),
        (
            [section("A", "a"), section("B", "b"), section("C", "c")],
            [section("D", "d"), section("A", "a"), section("C", "c")],
            ["Section « D » : ajoutée", "Section « B » : retirée"],
        ),
    ],
)
def test_changes_of_sections_are_described_in_reading_order(
    before: list[SectionData], after: list[SectionData], told: list[str]
) -> None:
    assert [line.replace("\u00a0", " ") for line in section_lines(before, after)] == told


@pytest.mark.parametrize(
    "kept, same",
    [("abcdef", True), ("abcxyz", False), ("abcdxy", True)],
)
def test_texts_match_when_more_than_six_tenths_stay(kept: str, same: bool) -> None:  # noqa: FBT001 -- a column of the table
    lines = section_lines([section("A", "abcdef")], [section("B", kept)])
    assert (len(lines), "s’intitule" in lines[0]) == ((1 if kept == "abcdef" else 2), same)


# -- The header ------------------------------------------------------------------------------------------------
HEADER: list[tuple[str, Any, Any, str]] = [
    ("place", "Paris", "", "Lieu : « Paris » → rien"),
    ("domain", "", "Génie", "Domaine : rien → « Génie »"),
    ("remote_possible", False, True, "Télétravail possible : non → oui"),
    ("starts_on", date(2027, 10, 1), date(2027, 10, 2), "Premier jour : 1er octobre 2027 → 2 octobre 2027"),
    (
        "allowance_min",
        None,
        Decimal("1234567.5"),
        "Allocation minimale : rien → 1 234 567,50",
    ),
    ("allowance_max", Decimal(0), Decimal("0.05"), "Allocation maximale : 0,00 → 0,05"),
    ("contact_email", "a@exemple.org", "b@exemple.org", "Courriel : « a@exemple.org » → « b@exemple.org »"),
]


def test_changes_of_the_header_are_described_with_old_and_new_value() -> None:
    offer = Offer(**{name: before for name, before, _after, _told in HEADER})
    with override("en"):
        lines = list(header_lines(offer, {name: after for name, _before, after, _told in HEADER}))
    assert [line.replace("\u00a0", " ") for line in lines] == [told for *_values, told in HEADER]


def test_change_descriptions_are_french_on_english_pages_too() -> None:
    closing, zone = datetime(2027, 10, 2, 4, tzinfo=UTC), ZoneInfo("America/Toronto")
    with override("en"):
        assert format_day(date(2027, 10, 1)).replace("\u00a0", " ") == "1er octobre 2027"
        assert format_closing(closing, zone).replace("\u00a0", " ") == (
            "1er octobre 2027, 23 h 59 (heure de l’Est, Québec)"
        )
        point = describe_point(OpenPoint(code="SECTION_EMPTY", excerpt="Mandat"))
        assert point.replace("\u00a0", " ") == "La section « Mandat » est vide."


# -- Documents -------------------------------------------------------------------------------------------------
def document(label: str = "CV", **fields: Any) -> DocumentRequestData:
    usual: dict[str, Any] = {"kind": "CV", "label": label, "max_pages": 2, "max_bytes": 1024**2}
    return DocumentRequestData(**(usual | fields))


@pytest.mark.parametrize(
    "after, told",
    [
        ([document(), document("Lettre")], []),
        (
            [document("Curriculum", hint="Récent."), document("Lettre", required=False)],
            [
                "Document « CV » : s’intitule « Curriculum »",
                "Document « CV » : précision modifiée",
                "Document « Lettre » : devient facultatif",
            ],
        ),
        (
            [document(max_pages=3, max_bytes=2 * 1024**2), document("Lettre", max_bytes=2 * 1024**2 + 1)],
            [
                "Document « CV » : 3 pages au plus, au lieu de 2",
                "Document « CV » : 2 Mo au plus, au lieu de 1 Mo",
                "Document « Lettre » : 2097153 octets au plus, au lieu de 1 Mo",
            ],
        ),
        (
            [document(), document("Lettre"), document("Portfolio"), document("Plan")],
            ["Document « Portfolio » : ajouté, facultatif", "Document « Plan » : ajouté, facultatif"],
        ),
    ],
)
def test_each_change_of_a_document_has_one_line(after: list[DocumentRequestData], told: list[str]) -> None:
    lines = document_lines([document(), document("Lettre")], after)
    assert [line.replace("\u00a0", " ") for line in lines] == told


def test_a_document_that_stays_optional_is_not_described() -> None:
    assert document_lines([document(required=False)], [document(required=False)]) == []
