"""What a correction of an offer is told to have changed, section by section."""

import pytest

from offers.change_words import section_lines
from offers.models import Section
from offers.services import SectionText

MANDATE, SKILLS = Section.Kind.MANDATE, Section.Kind.SKILLS
TEXT = "Préparer les réunions du comité, rédiger les comptes rendus et suivre les décisions."
OTHER = "Parler espagnol ou portugais."


def section(title: str, text: str = TEXT, kind: Section.Kind = MANDATE) -> SectionText:
    return SectionText(kind=kind, title=title, text=text)


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
def test_a_section_is_the_same_by_its_title_or_by_its_kind_and_most_of_its_text(
    after: list[SectionText], told: list[str]
) -> None:
    lines = section_lines([section("Mandat")], after)
    assert [line.replace("\u00a0", " ") for line in lines] == told


def test_sections_that_change_places_are_said_once() -> None:
    one, two = section("Mandat"), section("Profil", OTHER, SKILLS)
    assert [line.replace("\u00a0", " ") for line in section_lines([one, two], [two, one])] == [
        "Ordre des sections : changé"
    ]
