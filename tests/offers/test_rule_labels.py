"""Labels of criteria: names, conditions, parameter values, and the examples at their bounds."""

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from eligibility import Facts, LegalStatus, Study, StudyLevel, StudyState
from eligibility.boundaries import boundary_table
from eligibility.codec import rulebook_from_json
from intake.devtools.demonstration.offers import CRITERIA
from offers.criterion_examples import describe_facts, show_examples
from offers.criterion_labels import (
    capitalize_first,
    criterion_names,
    describe_criterion,
    format_day,
    format_value,
    language_name,
    province_name,
    status_name,
)
from offers.models.programme import DEFAULT_WORDING, ProgrammeWording

STUDIES, AGE, STATUS, DOMICILE, RESIDENCE, WRITING, SKILLS, ONCE_ONLY = CRITERIA
OTHER = {"kind": "OTHER", "effect": "ADVISE", "clause": {"text": "Aimer la mer.", "reference": "Note"}}
GRANT = ProgrammeWording(
    dates="Dates du séjour",
    dates_short="Dates du séjour",
    allowance="Montant de la bourse",
    allowance_short="Montant de la bourse",
    at_start="au début du séjour",
    lead="Des bourses.",
    next_steps="Un jury choisit.",
    language="fr-CA",
)


def with_plain_spaces(text: object) -> str:
    """Return a text with ordinary spaces."""
    return str(text).replace("\u00a0", " ")


# -- Criteria --------------------------------------------------------------------------------------------------


def test_criteria_of_a_kind_that_repeats_are_numbered() -> None:
    assert criterion_names(iter(["OTHER", "AGE", "OTHER", "OTHER"])) == [
        "Autre critère de l’offre (1)",
        "Âge",
        "Autre critère de l’offre (2)",
        "Autre critère de l’offre (3)",
    ]


@pytest.mark.parametrize(
    "codes, said",
    [
        (["CITIZEN"], "citoyenneté canadienne"),
        (["PROTECTED_PERSON", "PERMANENT_RESIDENT"], "personne protégée ou résidence permanente"),
        (
            ["ASYLUM_CLAIMANT", "TEMPORARY_PERMIT", "OTHER", "KING"],
            "demande d’asile, permis temporaire, autre statut ou KING",
        ),
        ([], ""),
    ],
)
def test_each_status_is_named_and_the_last_is_linked(codes: list[str], said: str) -> None:
    assert describe_criterion(STATUS | {"accepted": codes})[1] == said


def test_a_criterion_on_the_other_day_is_described_with_its_numbers() -> None:
    assert describe_criterion(AGE | {"minimum": 20, "maximum": 30, "on": "closes_on"})[1] == (
        "de 20 à 30\u00a0ans à la date limite d’inscription"
    )
    assert describe_criterion(RESIDENCE | {"months": 24, "on": "starts_on"})[1] == (
        "assurance maladie et impôt, depuis 24\u00a0mois ou plus au début du stage"
    )


def test_a_criterion_of_another_programme_uses_its_labels() -> None:
    assert describe_criterion(AGE, GRANT) == ("Âge", "de 18 à 35\u00a0ans au début du séjour")
    studies = STUDIES | {"finishing_within_months": 6, "bar_school": False, "professional_order_stage": False}
    assert with_plain_spaces(describe_criterion(studies, GRANT)[1]) == (
        "doctorat en cours ; ou 2e cycle en cours, à terminer au plus tard 6 mois après le premier jour ; ou maîtrise "
        "ou doctorat obtenu dans les 24 mois avant le premier jour"
    )
    assert (GRANT.are_the_portals, DEFAULT_WORDING.are_the_portals) == (False, True)


def test_missing_alternatives_of_studies_are_accepted() -> None:
    unnamed = {key: STUDIES[key] for key in ("kind", "degree_window_months", "finishing_within_months")}
    assert describe_criterion(unnamed) == describe_criterion(
        unnamed | {"bar_school": True, "professional_order_stage": True}
    )
    assert describe_criterion(unnamed | {"bar_school": False})[1].endswith("ordre professionnel")
    assert describe_criterion(unnamed | {"professional_order_stage": False})[1].endswith("Barreau du Québec")


# -- Parameters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, value, said",
    [
        ("effect", "BLOCK", "bloquant"),
        ("effect", "ADVISE", "à titre indicatif"),
        ("effect", "NEW", "NEW"),
        ("degree_window_months", 24, "24 mois"),
        ("finishing_within_months", 1, "1 mois"),
        ("months", 0, "0 mois"),
        ("minimum", 1, "1 an"),
        ("maximum", 35, "35 ans"),
        ("bar_school", True, "oui"),
        ("professional_order_stage", False, "non"),
        ("on", "starts_on", "début du stage"),
        ("on", "closes_on", "date limite d’inscription"),
        ("on", "new_on", "new_on"),
        (
            "accepted",
            ["CITIZEN", "OTHER", "KING"],
            "la citoyenneté canadienne, une autre situation, KING",
        ),
        ("provinces", ["QC", "ON"], "au Québec, en Ontario"),
        ("languages", ["fr", "en"], "en français, en anglais"),
        ("text", "Avoir l’âge.", "Avoir l’âge."),
        ("text", "", "—"),
        ("reference", None, "—"),
        ("accepted", [], "—"),
    ],
)
def test_the_value_of_a_parameter_has_its_text(name: str, value: Any, said: str) -> None:
    assert with_plain_spaces(format_value(name, value)) == said


def test_names_follow_the_language_of_the_page() -> None:
    on = date(2027, 10, 1)
    in_french = (format_day(on), status_name("CITIZEN"), province_name("QC"), language_name("fr"))
    assert in_french == ("1er octobre 2027", "la citoyenneté canadienne", "au Québec", "en français")
    with override("en-ca"):
        in_english = (format_day(on), status_name("CITIZEN"), province_name("QC"), language_name("fr"))
    assert in_english == ("October 1, 2027", "Canadian citizenship", "in Québec", "in French")
    with override(None):
        assert format_day(on) == "1er octobre 2027"
    assert [capitalize_first(text) for text in ("élan vital", "", "Être")] == ["Élan vital", "", "Être"]


# -- Examples --------------------------------------------------------------------------------------------------
def only(study: Study, **more: Any) -> Facts:
    return Facts(studies=(study,), **more)


DAY = date(2027, 10, 1)
COMPLETED: dict[str, Any] = {"state": StudyState.COMPLETED, "completed_on": DAY}
EXPECTED: dict[str, Any] = {"state": StudyState.IN_PROGRESS, "expected_on": DAY}


@pytest.mark.parametrize(
    "facts, said",
    [
        (Facts(), "Toute personne"),
        (Facts(birth_date=DAY), "Naissance le 1er octobre 2027"),
        (
            Facts(
                birth_date=DAY, legal_status=LegalStatus.OTHER, domicile_province="ON", attests_skills=True
            ),
            (
                "Naissance le 1er octobre 2027, une autre situation, domicile en Ontario, atteste les compétences "
                "et l’expérience"
            ),
        ),
        (
            only(Study(level=StudyLevel.MASTER, **COMPLETED), bar_school=True, professional_order_stage=True),
            (
                "Maîtrise terminée le 1er octobre 2027, École du Barreau du Québec, stage exigé par un ordre "
                "professionnel"
            ),
        ),
        (
            only(Study(level=StudyLevel.GRADUATE_DIPLOMA, **COMPLETED)),
            "Diplôme d’études supérieures spécialisées terminé le 1er octobre 2027",
        ),
        (
            only(Study(level=StudyLevel.DOCTORATE, **COMPLETED), bar_school=False),
            "Doctorat terminé le 1er octobre 2027",
        ),
        (
            only(Study(level=StudyLevel.MASTER, **EXPECTED)),
            "Maîtrise en cours, fin prévue le 1er octobre 2027",
        ),
        (
            only(Study(level=StudyLevel.GRADUATE_DIPLOMA, **EXPECTED)),
            "Diplôme d’études supérieures spécialisées en cours, fin prévue le 1er octobre 2027",
        ),
        (only(Study(level=StudyLevel.DOCTORATE, **EXPECTED)), "Doctorat en cours"),
        (only(Study(level=StudyLevel.BACHELOR, **COMPLETED)), "Baccalauréat en cours"),
        (only(Study(level=StudyLevel.MASTER, state=StudyState.COMPLETED)), "Études en cours"),
        (only(Study(level=StudyLevel.OTHER, **EXPECTED)), "Études en cours"),
        (only(Study(level=StudyLevel.MASTER)), "Études"),
        (only(Study(state=StudyState.COMPLETED)), "Études"),
        (
            Facts(studies=(Study(level=StudyLevel.DOCTORATE, **EXPECTED), Study(level=StudyLevel.MASTER))),
            "Doctorat en cours, études",
        ),
        (Facts(studies=()), "Aucun programme d’études, ni Barreau, ni ordre professionnel"),
        (Facts(studies=(), bar_school=True), "École du Barreau du Québec"),
        (Facts(studies=(), professional_order_stage=True), "Stage exigé par un ordre professionnel"),
        (Facts(bar_school=True), "Toute personne"),
        (
            Facts(quebec_resident_since=DAY, resident_for_health_insurance=False, resident_for_tax=False),
            (
                "Résidence au Québec depuis le 1er octobre 2027, mais pas au sens de l’assurance maladie, mais pas "
                "au sens de l’impôt"
            ),
        ),
        (
            Facts(quebec_resident_since=DAY, resident_for_health_insurance=True),
            "Résidence au Québec depuis le 1er octobre 2027",
        ),
        (Facts(resident_for_tax=False), "Toute personne"),
        (
            Facts(attests_writing={"fr": True, "en": False}, attests_skills=False),
            (
                "Écrit très bien en français, n’écrit pas très bien en anglais, n’atteste pas les compétences et "
                "l’expérience"
            ),
        ),
        (Facts(past_participant=True, register_match=False), "A déjà participé au programme"),
        (
            Facts(past_participant=False, register_match=True),
            (
                "Déclare n’avoir jamais participé au programme, mais le registre des participations contient "
                "peut-être son nom"
            ),
        ),
    ],
)
def test_the_person_of_an_example_is_described_by_the_facts(facts: Facts, said: str) -> None:
    assert with_plain_spaces(describe_facts(facts)) == said


def shown_of(criterion: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return the lines of a criterion's table: mark of a pair, person, outcome and tone."""
    rulebook = rulebook_from_json(
        {
            "schema": 1,
            "reference": "2023-020",
            "starts_on": "2024-01-15",
            "closes_on": "2023-10-01",
            "criteria": [criterion],
        }
    )
    rows = show_examples(boundary_table(rulebook.criteria[0], rulebook.days))
    marks = {(True, False): "first", (False, True): "last", (False, False): ""}
    return [(marks[row.starts_pair, row.ends_pair], row.person, str(row.outcome), row.tone) for row in rows]


def test_the_two_sides_of_a_boundary_come_before_the_other_answers() -> None:
    assert shown_of(RESIDENCE) == [
        ("first", "Résidence au Québec depuis le 1er octobre 2022", "Respecté", "success"),
        ("last", "Résidence au Québec depuis le 2 octobre 2022", "Non respecté", "error"),
        (
            "",
            "Résidence au Québec depuis le 1er octobre 2022, mais pas au sens de l’assurance maladie",
            "Non respecté",
            "error",
        ),
        (
            "",
            "Résidence au Québec depuis le 1er octobre 2022, mais pas au sens de l’impôt",
            "Non respecté",
            "error",
        ),
    ]
    assert shown_of(OTHER) == [("", "Toute personne", "À examiner par une personne", "info")]


def test_an_example_has_the_reason_in_the_language_of_the_page() -> None:
    rulebook = rulebook_from_json(
        {
            "schema": 1,
            "reference": "2023-020",
            "starts_on": "2024-01-15",
            "closes_on": "2023-10-01",
            "criteria": [STATUS],
        }
    )
    table = boundary_table(rulebook.criteria[0], rulebook.days)
    assert with_plain_spaces(show_examples(table)[0].reason) == (
        "Vous avez déclaré la citoyenneté canadienne, ce que l’offre accepte."
    )
    with override("en"):
        assert show_examples(table)[0].reason == (
            "You declared Canadian citizenship, which the offer accepts."
        )
