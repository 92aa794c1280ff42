"""The criteria of a page: the text that each quotes, its place, and what staff must check."""

from typing import TYPE_CHECKING, Any

import pytest

from offers.page.criteria.parser import read_criteria
from offers.page.lines import split_lines
from offers.page.sections import split_parts

if TYPE_CHECKING:
    from offers.page.parts import Point

ONCE = "La participation au programme est unique et non renouvelable."


def criteria_in(text: str) -> tuple[list[tuple[str, str, str, str]], list[tuple[str, str]]]:
    """Return kind, effect, reference and sentence of each criterion of a body, and its points."""
    points: list[Point] = []
    criteria = read_criteria(split_parts(split_lines(text)), points)
    return (
        [(one["kind"], one["effect"], one["clause"]["reference"], one["clause"]["text"]) for one in criteria],
        [(point.code, point.excerpt) for point in points],
    )


def conditions(*sentences: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the criteria of conditions, one per bullet, and their points' codes."""
    points: list[Point] = []
    text = "\n".join(["Admissibilité", *(f"• {sentence}" for sentence in (*sentences, ONCE))])
    criteria = read_criteria(split_parts(split_lines(text)), points)
    return [dict(one) for one in criteria[:-1]], [point.code for point in points]


DOMICILE = "Être domicilié au Québec."
STATUS = "Détenir la citoyenneté canadienne."
SWIM = "Savoir nager."


def test_references_number_bullets_and_not_paragraphs_beside_them() -> None:
    criteria, points = criteria_in(
        f"Conditions d’admissibilité\nVous devez satisfaire aux exigences suivantes :\n\n• {DOMICILE}\n• {SWIM}\n\n"
        f"{STATUS}\n\nNote : {ONCE}\n\n• Savoir ramer :\n  • loin"
    )
    title = "Conditions d’admissibilité"
    assert criteria == [
        ("DOMICILE", "BLOCK", f"{title}, 1", DOMICILE),
        ("OTHER", "ADVISE", f"{title}, 2", SWIM),
        ("LEGAL_STATUS", "BLOCK", title, STATUS),
        ("ONCE_ONLY", "BLOCK", "Note", f"Note : {ONCE}"),
        ("OTHER", "ADVISE", f"{title}, 3", "Savoir ramer : loin"),
    ]
    assert points == [("CRITERION_NOT_READ", SWIM), ("CRITERION_NOT_READ", "Savoir ramer : loin")]


def test_references_number_paragraphs_in_a_section_without_bullets() -> None:
    criteria, points = criteria_in(
        f"Admissibilité\n{DOMICILE}\n\n{STATUS}\n\nRemarque : rien.\n\nAdmissibilité\n{SWIM}\n\nNote\n\n{ONCE}"
    )
    assert criteria == [
        ("DOMICILE", "BLOCK", "Admissibilité, 1", DOMICILE),
        ("LEGAL_STATUS", "BLOCK", "Admissibilité, 2", STATUS),
        ("OTHER", "ADVISE", "Note", "Remarque : rien."),
        ("OTHER", "ADVISE", "Admissibilité, 3", SWIM),
        ("ONCE_ONLY", "BLOCK", "Note", ONCE),
    ]
    assert points == [("CRITERION_NOT_READ", "Remarque : rien."), ("CRITERION_NOT_READ", SWIM)]


@pytest.mark.parametrize(
    "elsewhere, found",
    [
        (f"Mandat\nUn texte. {ONCE} {ONCE}", [("ONCE_ONLY", "BLOCK", "Mandat", ONCE)]),
        (f"Mandat\n• Un texte.\n• {ONCE}\n\n{ONCE}", [("ONCE_ONLY", "BLOCK", "Mandat", ONCE)]),
        (f"Note\n\n{ONCE}\n\nMandat\nUn.", [("ONCE_ONLY", "BLOCK", "Note", ONCE)]),
        # A sentence with more content, or a condition of another kind, is not searched elsewhere.
        (f"Mandat\n{ONCE.rstrip('.')} selon la loi.", []),
        (f"Mandat\n{DOMICILE}", []),
    ],
)
def test_only_the_criterion_once_only_is_read_from_other_sections(
    elsewhere: str, found: list[tuple[str, str, str, str]]
) -> None:
    criteria, points = criteria_in(f"{elsewhere}\n\nAdmissibilité\n{STATUS}")
    assert criteria == [("LEGAL_STATUS", "BLOCK", "Admissibilité, 1", STATUS), *found]
    assert points == ([] if found else [("ONCE_ONLY_MISSING", "")])


def test_other_sections_are_not_searched_if_the_conditions_suffice() -> None:
    criteria, points = criteria_in(f"Mandat\n{ONCE}\n\nAdmissibilité\n• {ONCE}")
    assert criteria == [("ONCE_ONLY", "BLOCK", "Admissibilité, 1", ONCE)]
    assert points == []


def test_consecutive_unread_sentences_form_one_criterion() -> None:
    criteria, points = criteria_in(f"Admissibilité\n• {SWIM} Ramer. {DOMICILE} Voler. {STATUS}\n• {ONCE}")
    reference = "Admissibilité, 1"
    assert criteria[:-1] == [
        ("OTHER", "ADVISE", reference, f"{SWIM} Ramer."),
        ("DOMICILE", "BLOCK", reference, DOMICILE),
        ("OTHER", "ADVISE", reference, "Voler."),
        ("LEGAL_STATUS", "BLOCK", reference, STATUS),
    ]
    assert points == [("CRITERION_NOT_READ", f"{SWIM} Ramer."), ("CRITERION_NOT_READ", "Voler.")]


@pytest.mark.parametrize(
    "sentence, codes",
    [
        (DOMICILE, []),
        ("Habiter au Québec.", ["CRITERION_ASSUMED"]),
        ("Être domicilié au Québec, loin.", ["CRITERION_PARTLY_READ"]),
        # A partly parsed condition gives one point, even if its rule is also assumed.
        ("Habiter au Québec, loin.", ["CRITERION_PARTLY_READ"]),
    ],
)
def test_one_open_point_states_how_a_criterion_was_parsed(sentence: str, codes: list[str]) -> None:
    criteria, found = conditions(sentence)
    assert [one["kind"] for one in criteria] == ["DOMICILE"]
    assert found == codes


def test_a_very_long_sentence_is_not_read() -> None:
    start = "Être domicilié au Québec"
    for length, kinds in ((2000, "DOMICILE"), (2001, "OTHER")):
        sentence = f"{start}{'-' * (length - len(start) - 1)}."
        assert len(sentence) == length
        assert [one["kind"] for one in conditions(sentence)[0]] == [kinds]


# -- Two ages --------------------------------------------------------------------------------------------------
def bounds(*sentences: str) -> tuple[list[tuple[int, int, str, str]], list[str], list[str]]:
    """Return the ages that conditions give, the sentences that no rule parsed, and the points' codes."""
    criteria, codes = conditions(*sentences)
    ages = [
        (one["minimum"], one["maximum"], one["clause"]["reference"], one["clause"]["text"])
        for one in criteria
        if one["kind"] == "AGE"
    ]
    return ages, [one["clause"]["text"] for one in criteria if one["kind"] == "OTHER"], codes


LEAST, MOST = "Avoir au moins 18 ans.", "Avoir au plus 35 ans."


@pytest.mark.parametrize("first, second", [(LEAST, MOST), (MOST, LEAST)])
def test_two_age_limits_given_separately_form_one_criterion(first: str, second: str) -> None:
    assert bounds(first, DOMICILE, second) == (
        [(18, 35, "Admissibilité, 1 et 3", f"{first} {second}")],
        [],
        [],
    )


def test_equal_age_limits_form_one_criterion() -> None:
    for first, second in (
        ("Avoir au moins 30 ans.", "Avoir au plus 30 ans."),
        ("Avoir au plus 30 ans.", "Avoir au moins 30 ans."),
    ):
        assert bounds(first, second)[0] == [(30, 30, "Admissibilité, 1 et 2", f"{first} {second}")]


@pytest.mark.parametrize(
    "first, second, age, missing",
    [
        # A second age that contradicts the first, has the same bound or uses another day is kept separately.
        ("Avoir de 18 à 35 ans.", "Avoir de 20 à 30 ans.", (18, 35), False),
        ("Avoir de 18 à 35 ans.", "Avoir au moins 20 ans.", (18, 35), False),
        ("Avoir de 18 à 35 ans.", "Avoir au plus 30 ans.", (18, 35), False),
        ("Avoir au moins 30 ans.", "Avoir au plus 29 ans.", (30, 120), True),
        ("Avoir au plus 29 ans.", "Avoir au moins 30 ans.", (0, 29), True),
        (LEAST, "Avoir au moins 20 ans.", (18, 120), True),
        (MOST, "Avoir au plus 30 ans.", (0, 35), True),
        (LEAST, "Avoir de 20 à 30 ans.", (18, 120), True),
        (LEAST, "Avoir au plus 35 ans à la date limite.", (18, 120), True),
    ],
)
def test_a_second_age_that_does_not_combine_gives_an_open_point(
    first: str,
    second: str,
    age: tuple[int, int],
    missing: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    assert bounds(first, second) == (
        [(*age, "Admissibilité, 1", first)],
        [second],
        ["CRITERION_REPEATED", *["AGE_BOUND_MISSING"] * missing],
    )


# -- Announcements ---------------------------------------------------------------------------------------------
ANNOUNCING = (
    "a admissibilite admissible admissibles afin assurez-vous au aux candidat candidate candidates candidats "
    "candidature ces chacun chacune ci-dessous conditions criteres d de des devez doit doivent en est et etre "
    "exigences faut il l la le les obligatoirement on personne personnes poser posez postuler pour programme "
    "remplir repondre respecter satisfaire sont stage suivantes suivants tous toutes voici votre vous"
)
"""Words that announce conditions without changing them."""


def test_known_introductions_of_conditions_are_no_criterion() -> None:
    criteria, points = criteria_in(f"Admissibilité\nVoici {ANNOUNCING} :\n\n• {ONCE}")
    assert [one[0] for one in criteria] == ["ONCE_ONLY"]
    assert points == []


@pytest.mark.parametrize("sentence", ["Voici trois conditions :", "Voici les conditions."])
def test_other_text_above_the_conditions_gives_an_open_point(sentence: str) -> None:
    criteria, points = criteria_in(f"Admissibilité\n{sentence}\n\n• {ONCE}")
    assert criteria[0] == ("OTHER", "ADVISE", "Admissibilité", sentence)
    assert points == [("CRITERION_NOT_READ", sentence)]
