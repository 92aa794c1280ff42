"""Sentences about eligibility: the criterion of each, and when staff must check it."""

from typing import Any

import pytest

from offers.page.parser import read_page
from offers.page.parts import OfferPage
from tests.offers.parsed_pages import page_text

SOUND = page_text("2024-031-paris")
_BEFORE, _, _REST = SOUND.partition("  • Être en voie de terminer")
_AFTER = _REST[_REST.index("\n\nNote :") :]
HEALTH_AND_TAX = (
    "au sens de la Loi et du Règlement sur l’assurance maladie "
    "et de la Loi et du Règlement sur l’impôt du Québec"
)
IN_PROGRESS = "Être en voie de terminer des études de 2e cycle ou être inscrit(e) au 3e cycle"
DEGREE = "avoir obtenu un diplôme de maîtrise ou de doctorat"


def page_with(*bullets: str) -> OfferPage:
    """Parse the valid page with these bullets as its conditions."""
    return read_page(_BEFORE + "\n".join(f"  • {bullet}" for bullet in bullets) + _AFTER)


def read(*bullets: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the criteria of `bullets`, without those of the note and without clauses, and the points' codes."""
    page = page_with(*bullets)
    criteria = [
        {key: value for key, value in criterion.items() if key not in {"clause", "effect"}}
        for criterion in page.criteria
        if criterion["clause"]["reference"] != "Note"
    ]
    return criteria, [point.code for point in page.points]


def studies(months: int, *, bar: bool = False, order: bool = False, finishing: int = 12) -> dict[str, Any]:
    return {
        "kind": "STUDIES",
        "degree_window_months": months,
        "finishing_within_months": finishing,
        "bar_school": bar,
        "professional_order_stage": order,
    }


def age(least: int, most: int, on: str = "starts_on") -> dict[str, Any]:
    return {"kind": "AGE", "minimum": least, "maximum": most, "on": on}


def residence(months: int, on: str = "closes_on") -> dict[str, Any]:
    return {"kind": "RESIDENCE", "months": months, "on": on}


def status(*accepted: str) -> dict[str, Any]:
    return {"kind": "LEGAL_STATUS", "accepted": list(accepted)}


def domicile(*provinces: str) -> dict[str, Any]:
    return {"kind": "DOMICILE", "provinces": list(provinces)}


def writing(*languages: str) -> dict[str, Any]:
    return {"kind": "WRITING", "languages": list(languages)}


UNDERSTOOD: list[tuple[str, dict[str, Any]]] = [
    # Studies
    (f"{IN_PROGRESS} ou {DEGREE} dans les deux ans précédant le début du stage.", studies(24)),
    (f"{IN_PROGRESS} ou {DEGREE} dans l’année précédant le début du stage.", studies(12)),
    (f"{IN_PROGRESS} ou {DEGREE} dans l'année précédant.", studies(12)),
    (f"{IN_PROGRESS} ou {DEGREE} au cours des 12 derniers mois.", studies(12)),
    (f"{IN_PROGRESS} ou {DEGREE} au cours des douze derniers mois.", studies(12)),
    (f"{IN_PROGRESS} ou {DEGREE} dans les trois ans.", studies(36)),
    (f"{IN_PROGRESS} ou {DEGREE} dans les 18 mois précédant le début du stage.", studies(18)),
    (f"{IN_PROGRESS} ou {DEGREE} dans la période de deux ans précédant le début du stage.", studies(24)),
    (f"{IN_PROGRESS} ou {DEGREE} il y a moins de deux ans.", studies(24)),
    (f"{IN_PROGRESS} ou {DEGREE} au cours des deux années qui précèdent le stage.", studies(24)),
    (
        f"{IN_PROGRESS} ou {DEGREE} dans les deux ans ou être inscrit(e) à l’École du Barreau du Québec.",
        studies(24, bar=True),
    ),
    (
        f"{IN_PROGRESS} ou {DEGREE} dans les deux ans ou être inscrit à tout ordre professionnel exigeant un stage.",
        studies(24, order=True),
    ),
    (
        IN_PROGRESS.replace("cycle ou", "cycle (dans les 6 mois suivant le début du stage) ou")
        + f" ou {DEGREE} dans les deux ans.",
        studies(24, finishing=6),
    ),
    (f"Être inscrit à un programme de 2e ou de 3e cycle ou {DEGREE} dans les deux ans.", studies(24)),
    (f"Être étudiant(e) aux cycles supérieurs ou {DEGREE} dans les deux ans.", studies(24)),
    (f"Terminer une maîtrise ou être au doctorat, ou {DEGREE} dans les deux ans.", studies(24)),
    (
        f"{IN_PROGRESS} ou détenir un diplôme de maîtrise ou de doctorat obtenu dans les deux ans.",
        studies(24),
    ),
    # Age
    ("Avoir entre 20 et 30 ans.", age(20, 30)),
    ("Avoir entre vingt et trente ans.", age(20, 30)),
    ("Être âgé(e) de 18 à 35 ans.", age(18, 35)),
    ("Être âgé·e de 18 à 35 ans à la date de début du stage.", age(18, 35)),
    ("Avoir au moins 18 ans et ne pas avoir plus de 30 ans.", age(18, 30)),
    (
        "Avoir au minimum 18 ans et au maximum 35 ans à la date limite d’inscription.",
        age(18, 35, "closes_on"),
    ),
    ("Avoir 18 ans au minimum et 35 ans au maximum.", age(18, 35)),
    ("Être âgé(e) d’au moins 18 ans et d’au plus 35 ans au début du stage.", age(18, 35)),
    ("Avoir au moins dix-huit (18) ans et au plus trente-cinq (35) ans.", age(18, 35)),
    ("Avoir 18 ans ou plus et moins de 36 ans le jour où le stage commence.", age(18, 35)),
    ("Être majeur(e) et ne pas avoir atteint l’âge de 36 ans.", age(18, 35)),
    ("Avoir au moins 18 ans, mais au plus 35 ans.", age(18, 35)),
    (
        "Avoir 18 ans révolus et ne pas avoir plus de 35 ans au moment de la date limite.",
        age(18, 35, "closes_on"),
    ),
    # Status
    (
        "Être citoyenne canadienne ou citoyen canadien, ou résidente permanente ou résident permanent.",
        status("CITIZEN", "PERMANENT_RESIDENT"),
    ),
    ("Détenir la citoyenneté canadienne.", status("CITIZEN")),
    ("Être citoyen ou citoyenne du Canada.", status("CITIZEN")),
    (
        "Être citoyen(ne) canadien(ne) ou résident(e) permanent(e) du Canada.",
        status("CITIZEN", "PERMANENT_RESIDENT"),
    ),
    (
        "Avoir la citoyenneté canadienne, la résidence permanente ou le statut de réfugié.",
        status("CITIZEN", "PERMANENT_RESIDENT", "PROTECTED_PERSON"),
    ),
    # Domicile
    ("Être domicilié(e) en Ontario.", domicile("ON")),
    ("Être domicilié·e au Québec ou en Ontario.", domicile("QC", "ON")),
    (
        "Avoir son domicile à Terre-Neuve-et-Labrador, au Nouveau-Brunswick ou à l’Île-du-Prince-Édouard.",
        domicile("NL", "NB", "PE"),
    ),
    (
        "Être domicilié(e) au Canada.",
        domicile(*("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT")),
    ),
    # Residence
    (f"Être résident(e) du Québec {HEALTH_AND_TAX} depuis au moins cinq ans.", residence(60)),
    (f"Être résident(e) du Québec {HEALTH_AND_TAX} depuis au moins 5 ans.", residence(60)),
    (f"Être résident(e) du Québec {HEALTH_AND_TAX} depuis soixante mois.", residence(60)),
    (f"Être résident(e) du Québec {HEALTH_AND_TAX} depuis plus d’un an.", residence(12)),
    (
        f"Être résident(e) du Québec depuis les 12 derniers mois {HEALTH_AND_TAX} à la date de début du stage.",
        residence(12, "starts_on"),
    ),
    (f"Être résident(e) du Québec {HEALTH_AND_TAX}.", residence(0)),
    (
        HEALTH_AND_TAX.join(["Être résidente ou résident du Québec ", " depuis deux ans."]),
        residence(24),
    ),
    (
        f"Être résident(e) du Québec {HEALTH_AND_TAX}".replace("maladie", "maladie (RLRQ, chapitre A-29)")
        + " depuis deux ans.",
        residence(24),
    ),
    # Attestations
    ("Posséder une excellente capacité de rédaction en français.", writing("fr")),
    ("Posséder une excellente capacité de rédaction en français seulement.", writing("fr")),
    (
        "Avoir d’excellentes capacités rédactionnelles en français, en anglais et en espagnol.",
        writing("fr", "en", "es"),
    ),
    ("Posséder une excellente maîtrise du français et de l’anglais écrits.", writing("fr", "en")),
    ("Posséder une très bonne maîtrise du français écrit.", writing("fr")),
    ("Écrire très bien dans les deux langues officielles.", writing("fr", "en")),
    ("Posséder l’expérience et les compétences requises.", {"kind": "SKILLS"}),
    ("Répondre aux exigences mentionnées dans l’offre de stage.", {"kind": "SKILLS"}),
]


@pytest.mark.parametrize("sentence, criterion", UNDERSTOOD)
def test_a_fully_understood_sentence_becomes_its_criterion(sentence: str, criterion: dict[str, Any]) -> None:
    assert read(sentence) == ([criterion], [])


@pytest.mark.parametrize(
    "sentence, criterion",
    [
        ("Avoir au moins 18 ans et détenir un passeport.", age(18, 120)),
        ("Être domicilié(e) au Québec depuis au moins six mois.", domicile("QC")),
        ("Être domicilié(e) au Québec et posséder une bicyclette.", domicile("QC")),
        ("Posséder une excellente capacité de rédaction en français et un bon chapeau.", writing("fr")),
        ("Avoir de 18 à 35 ans au 31 décembre.", age(18, 35)),
    ],
)
def test_a_partly_understood_sentence_becomes_a_criterion_and_an_open_point(
    sentence: str, criterion: dict[str, Any]
) -> None:
    criteria, codes = read(sentence)
    assert criteria == [criterion]
    assert "CRITERION_PARTLY_READ" in codes


@pytest.mark.parametrize(
    "sentence, criterion",
    [
        ("Résider au Québec depuis au moins cinq ans.", residence(60)),
        (
            "Être résident(e) du Québec au sens de la Loi sur l’assurance maladie depuis un an.",
            residence(12),
        ),
        ("Habiter au Québec.", domicile("QC")),
        ("Posséder une bonne capacité de rédaction en français.", writing("fr")),
        ("Avoir de 18 à 35 ans au moment du dépôt de la candidature.", age(18, 35, "closes_on")),
        (f"Être inscrit(e) au doctorat ou {DEGREE} dans les deux ans.", studies(24)),
        (f"{IN_PROGRESS}.", studies(0)),
    ],
)
def test_an_assumed_criterion_gets_an_open_point(sentence: str, criterion: dict[str, Any]) -> None:
    assert read(sentence) == ([criterion], ["CRITERION_ASSUMED"])


@pytest.mark.parametrize(
    "sentence",
    [
        "Détenir un permis de conduire.",
        "Être disponible à temps plein.",
        "Avoir au moins deux ans d’expérience de travail.",
        "Avoir travaillé au moins deux ans.",
        "Avoir au moins 18 ans, sauf exception.",
        "Avoir au moins 18 ans, à moins d’une dérogation.",
        "Avoir au moins dix-huit (19) ans.",
        "Avoir de 35 à 18 ans.",
        "Ne pas être domicilié(e) au Québec.",
        "Être idéalement domicilié(e) au Québec.",
        "Être domicilié(e) au Québec ou y étudier.",
        "Être domicilié(e) au Québec ou avoir la citoyenneté canadienne.",
        "Être domicilié(e) ailleurs qu’au Québec.",
        "Avoir la citoyenneté canadienne et la résidence permanente.",
        "Avoir la citoyenneté canadienne serait un atout.",
        "Posséder une excellente capacité de rédaction en français ou en anglais.",
        "Être en voie de terminer un baccalauréat.",
        f"{IN_PROGRESS} ou terminer un baccalauréat ou {DEGREE} dans les deux ans.",
        f"{IN_PROGRESS} ou {DEGREE}.",
        "Ne pas avoir participé au programme au cours des cinq dernières années.",
        "Avoir déjà participé au programme.",
        "a " * 3000,
    ],
)
def test_a_sentence_without_a_matching_rule_is_for_a_person(sentence: str) -> None:
    page = page_with(sentence)
    assert page.criteria[0] == {
        "kind": "OTHER",
        "effect": "ADVISE",
        "clause": {"reference": "Admissibilité, 1", "text": sentence.strip()},
    }
    assert [(point.code, point.excerpt) for point in page.points] == [
        ("CRITERION_NOT_READ", sentence.strip())
    ]


def test_a_bullet_of_two_conditions_gives_two_criteria_of_one_clause() -> None:
    sentence = "Être domicilié(e) au Québec et détenir la citoyenneté canadienne."
    page = page_with(sentence)
    assert {criterion["kind"] for criterion in page.criteria} == {"DOMICILE", "LEGAL_STATUS", "ONCE_ONLY"}
    assert page.criteria[0]["clause"] == page.criteria[1]["clause"]
    assert page.criteria[0]["clause"] == {"reference": "Admissibilité, 1", "text": sentence}
    assert page.points == ()


def test_a_second_criterion_of_a_kind_gives_an_open_point() -> None:
    page = page_with("Être domicilié(e) au Québec.", "Être domicilié(e) en Ontario.")
    assert [criterion["kind"] for criterion in page.criteria] == ["DOMICILE", "OTHER", "ONCE_ONLY"]
    assert [(point.code, point.excerpt) for point in page.points] == [
        ("CRITERION_REPEATED", "Être domicilié(e) en Ontario.")
    ]


@pytest.mark.parametrize(
    "note",
    [
        "Note : la participation au programme est unique et non renouvelable.",
        "N.B. : La participation au programme est limitée à une seule fois.",
        "Important : toute personne qui a déjà participé au programme ne peut pas poser de nouveau sa candidature.",
        "  • Ne jamais avoir participé au Programme de stages en organisations internationales gouvernementales.",
        "  • N’avoir jamais effectué de stage dans le cadre de ce programme.",
        "  • Ne pas avoir déjà participé au programme.",
        "Note\n\nOn ne participe qu’une fois à ce programme.",
        "Note :\nles personnes ayant déjà effectué un stage dans le cadre de ce programme ne seront pas admissibles.",
    ],
)
def test_taking_part_once_is_recognised_in_each_note(note: str) -> None:
    before, _, after = SOUND.partition("Note : puisque")
    page = read_page(f"{before}{note}\n\n{after[after.index('Pour toute question') :]}")
    assert [criterion["kind"] for criterion in page.criteria].count("ONCE_ONLY") == 1
    assert page.points == ()


@pytest.mark.parametrize(
    "announcement, is_plain",
    [
        ("Pour être admissible, assurez-vous de répondre à toutes les exigences suivantes :", True),
        ("Vous devez remplir toutes les conditions suivantes :", True),
        ("Les personnes candidates doivent répondre à chacun des critères suivants :", True),
        ("Pour être admissible, vous devez répondre à au moins trois des exigences suivantes :", False),
        ("Pour être admissible, vous devez répondre à l’une des exigences suivantes :", False),
    ],
)
def test_an_unusual_introduction_of_the_conditions_gives_an_open_point(
    announcement: str,
    is_plain: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    start = SOUND.index("Pour être admissible")
    end = SOUND.index("\n", start)
    page = read_page(SOUND[:start] + announcement + SOUND[end:])
    assert [point.code for point in page.points] == ([] if is_plain else ["CRITERION_NOT_READ"])
