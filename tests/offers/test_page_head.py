"""The head of a page and its facts: what each parser returns, and its open points."""

from datetime import date
from typing import Any

import pytest

from offers.page.header import Head, read_head
from offers.page.header_values import read_header_values
from offers.page.lines import Line, split_lines
from offers.page.parts import Header, PageUnreadableError, Point, Problem


def head_of(text: str) -> tuple[Head, list[str], list[tuple[str, str]]]:
    """Return the head of a text, the lines after it, and its points."""
    points: list[Point] = []
    head, rest = read_head(split_lines(text), points)
    return head, [line.text for line in rest], [(point.code, point.excerpt) for point in points]


# -- The head --------------------------------------------------------------------------------------------------
def test_the_head_ends_with_its_last_label_and_keeps_its_printed_lines() -> None:
    head, rest, points = head_of(
        "N° 2027-020\n\nStage à l’Union des ponts (UP)\nDomaine : Génie\nLieu :\n  Rome, Italie\n"
        "Domaine : Génie\nMandat\nDu texte."
    )
    assert (head.number, head.organisation, head.organisation_short) == ("2027-020", "Union des ponts", "UP")
    assert {label: (line.number, value) for label, (line, value) in head.labelled.items()} == {
        "DOMAIN": (4, "Génie"),
        "PLACE": (6, "Rome, Italie"),
    }
    assert head.printed == [
        *("N° 2027-020", "Domaine : Génie", "Lieu :", "Rome, Italie", "Domaine : Génie"),
        "Stage à l’Union des ponts (UP)",
    ]
    assert (rest, points) == (["Mandat", "Du texte."], [])


def test_each_label_is_recognised_in_all_its_forms() -> None:
    labels = {
        "Nom de l’organisme d’accueil": "ORGANISATION",
        "Organisation": "ORGANISATION",
        "Domaines d’études": "DOMAIN",
        "Domaine du stage": "DOMAIN",
        "Période prévue du stage à temps plein": "DATES",
        "Durée du stage": "DATES",
        "Allocation financière accordée": "ALLOWANCE",
        "Allocation": "ALLOWANCE",
        "Lieux de stage": "PLACE",
        "Date limite pour postuler": "DEADLINE",
        "Date limite de réception des candidatures": "DEADLINE",
        "Date limite": "DEADLINE",
    }
    found = {label: head_of(f"Union des ponts\n{label} : xyz")[0].labelled for label in labels}
    assert {label: [(name, value) for name, (_, value) in one.items()] for label, one in found.items()} == {
        label: [(name, "xyz")] for label, name in labels.items()
    }


@pytest.mark.parametrize(
    "text, number, points",
    [
        ("Offre de stage n° 2027-020\nUnion", "2027-020", []),
        ("N° 2027 - 020\nUnion", "2027-020", []),
        ("№ 2027–020B\nUnion", "2027-020B", []),
        ("№ 2027–020-B\nUnion", None, [("NUMBER_NOT_READ", "№ 2027–020-B")]),
        ("Numéro de l’offre : 12\nUnion", "12", []),
        ("2027-020\nUnion", "2027-020", []),
        ("N0 2027-020\nUnion", "2027-020", []),
        ("N02027-020\nUnion", "2027-020", []),
        ("No. 2027-020\nUnion", "2027-020", []),
        ("nº : 2027-020\nUnion", "2027-020", []),
        ("2027 020\nUnion", None, [("TEXT_NOT_PLACED", "2027 020")]),
        ("N° 2027-020\nN° 2027-020\nUnion", "2027-020", []),
        ("N° 2027-020\nN° 2027-021\nUnion", "2027-020", [("HEADER_LINE_REPEATED", "N° 2027-021")]),
        (f"N° {'1' * 20}\nUnion", "1" * 20, []),
        (f"N° {'1' * 21}\nUnion", None, [("NUMBER_NOT_READ", f"N° {'1' * 21}")]),
        ("N° à venir\nUnion", None, [("NUMBER_NOT_READ", "N° à venir")]),
        ("Numéro\nUnion", None, [("NUMBER_NOT_READ", "Numéro")]),
    ],
)
def test_a_number_not_read_exactly_once_gives_an_open_point(
    text: str, number: str | None, points: list[tuple[str, str]]
) -> None:
    head, _rest, found = head_of(f"{text}\nLieu : Rome")
    assert (head.number, found) == (number, points)


@pytest.mark.parametrize(
    "text, organisation, short, left",
    [
        # On the line of the number, after it, after « Stage à », or the last one before the labels.
        ("N° 2027-020 - Union des ponts", "Union des ponts", "", []),
        ("N° 2027-020 | Union des ponts", "Union des ponts", "", []),
        ("Ministère\nN° 2027-020\nUnion des ponts", "Union des ponts", "", ["Ministère"]),
        ("N° 2027-020\nUnion des ponts\nAutre", "Union des ponts", "", ["Autre"]),
        ("Ministère\nUnion des ponts", "Union des ponts", "", ["Ministère"]),
        ("N° 2027-020\nMinistère\nStage à l’Union des ponts", "Union des ponts", "", ["Ministère"]),
        ("Stage auprès des Ponts unis", "Ponts unis", "", []),
        ("stage chez les ponts", "Ponts", "", []),
        ("Stage au secrétariat des ponts", "Secrétariat des ponts", "", []),
        ("No Bridge Too Far", "No Bridge Too Far", "", []),
        ("Organisation : union des ponts\nAutre", "Union des ponts", "", ["Autre"]),
        ("Union des ponts (UP)", "Union des ponts", "UP", []),
        ("Union des ponts (Nord)", "Union des ponts (Nord)", "", []),
        ("Union des ponts (A)", "Union des ponts (A)", "", []),
        (f"Union ({'A' * 40})", "Union", "A" * 40, []),
        (f"Union ({'A' * 41})", f"Union ({'A' * 41})", "", []),
        ("A" * 250, "A" * 250, "", []),
    ],
)
def test_the_likeliest_line_is_the_organisation_and_others_are_open_points(
    text: str, organisation: str, short: str, left: list[str]
) -> None:
    head, _rest, points = head_of(f"{text}\nLieu : Rome")
    assert (head.organisation, head.organisation_short) == (organisation, short)
    assert points == [("TEXT_NOT_PLACED", line) for line in left]


@pytest.mark.parametrize(
    "text, problem, line, excerpt",
    [
        ("Lieu : Rome", Problem.MISSING, None, ""),
        ("Organisation :\nLieu : Rome", Problem.MISSING, None, ""),
        (f"\n{'A' * 251}\nLieu : Rome", Problem.TOO_LONG, 2, "A" * 80),
    ],
)
def test_a_missing_or_too_long_organisation_is_refused(
    text: str, problem: Problem, line: int | None, excerpt: str
) -> None:
    with pytest.raises(PageUnreadableError) as refusal:
        head_of(text)
    error = refusal.value
    assert (error.problem, error.field, error.line, error.excerpt) == (problem, "ORGANISATION", line, excerpt)


@pytest.mark.parametrize(
    "text, rest",
    [
        # A title of the programme, an element or a long paragraph ends the head; text before the labels does not.
        ("Union\nLieu : Rome\nMandat\nDomaine : x", ["Mandat", "Domaine : x"]),
        ("Union\nLieu : Rome\n• Domaine : x", ["• Domaine : x"]),
        (f"Union\nLieu : Rome\n{'a ' * 126}\nDomaine : x", [("a " * 126).rstrip(), "Domaine : x"]),
        (f"Union\nLieu : Rome\n{'a' * 250}\nDomaine : x", []),
        ("Union\nLieu : Rome\n\nDu texte.", ["", "Du texte."]),
        ("Union\nLieu :\n\nRome\nDu texte.", ["Du texte."]),
        ("Union\n\nMandat\nDu texte.", ["", "Mandat", "Du texte."]),
        ("Union\nMinistère", []),
    ],
)
def test_text_after_the_head_is_the_body(text: str, rest: list[str]) -> None:
    assert head_of(text)[1] == rest


def test_a_repeated_label_with_another_value_becomes_an_open_point() -> None:
    head, _rest, points = head_of("Union\nLieu : Rome\nLieu : Oslo\nDomaine : Droit")
    assert head.labelled["PLACE"][1] == "Rome"
    assert points == [("HEADER_LINE_REPEATED", "Lieu : Oslo")]
    assert "Lieu : Oslo" not in head.printed


# -- The facts -------------------------------------------------------------------------------------------------
LINES = {
    "DATES": "Du 10 janvier au 7 juillet 2028",
    "DEADLINE": "1er octobre 2027",
    "DOMAIN": "Génie",
    "PLACE": "Rome, Italie",
    "ALLOWANCE": "13 000 $ US à 15 000 $ US",
}


def facts_of(**changes: str | None) -> tuple[Header, list[tuple[str, str]]]:
    """Return the facts of a head with these labelled lines, one per line, and its points."""
    values = {label: value for label, value in (LINES | changes).items() if value is not None}
    head = Head(number="2027-020", organisation="Union", organisation_short="U", printed=["Union"])
    head.labelled = {
        label: (Line(number, f"{label} :  {value}"), value)
        for number, (label, value) in enumerate(values.items(), start=1)
    }
    points: list[Point] = []
    return read_header_values(head, points), [(point.code, point.excerpt) for point in points]


def partly(label: str, value: str) -> tuple[str, str]:
    return "HEADER_LINE_PARTLY_READ", f"{label} : {value}"


DOUBTS: list[tuple[dict[str, str | None], dict[str, Any], list[tuple[str, str]]]] = [
    ({"DOMAIN": None}, {"domain": ""}, [("DOMAIN_MISSING", "")]),
    ({"DOMAIN": ""}, {"domain": ""}, [("DOMAIN_MISSING", "")]),
    ({"DOMAIN": "A" * 250}, {"domain": "A" * 250}, []),
    ({"DOMAIN": "A" * 251}, {"domain": ""}, [partly("DOMAIN", "A" * 251)]),
    ({"PLACE": None}, {"place": "", "remote_possible": False}, [("PLACE_MISSING", "")]),
    ({"PLACE": "Rome (télétravail)"}, {"place": "Rome", "remote_possible": True}, []),
    (
        {"PLACE": "Rome, télétravail le lundi"},
        {"place": "Rome, télétravail le lundi", "remote_possible": True},
        [partly("PLACE", "Rome, télétravail le lundi")],
    ),
    (
        {"ALLOWANCE": None},
        {"allowance_min": None, "allowance_max": None, "currency": "CAD"},
        [("ALLOWANCE_MISSING", "")],
    ),
    (
        {"ALLOWANCE": ""},
        {"allowance_min": None, "allowance_max": None, "currency": "CAD"},
        [("ALLOWANCE_MISSING", "")],
    ),
    (
        {"ALLOWANCE": "à venir"},
        {"allowance_min": None, "allowance_max": None, "currency": "CAD"},
        [("ALLOWANCE_NOT_READ", "ALLOWANCE : à venir")],
    ),
    ({"ALLOWANCE": "13 000 $ US à 15 000 $ US."}, {}, []),
    (
        {"ALLOWANCE": "13 000 $ US à 15 000 $ US par an"},
        {},
        [partly("ALLOWANCE", "13 000 $ US à 15 000 $ US par an")],
    ),
    ({"DATES": "Du 10 janvier au 7 juillet 2028 (26 semaines)"}, {}, []),
    ({"DATES": "Du 10 janvier au 7 juillet 2028, soit 26 semaines."}, {}, []),
    (
        {"DATES": "Du 10 janvier au 7 juillet 2028 (25 semaines)"},
        {},
        [partly("DATES", "Du 10 janvier au 7 juillet 2028 (25 semaines)")],
    ),
    ({"DATES": "Du 10 janvier au 7 juillet 2028."}, {}, []),
    (
        {"DATES": "Du 10 janvier au 7 juillet 2028 ou plus"},
        {},
        [partly("DATES", "Du 10 janvier au 7 juillet 2028 ou plus")],
    ),
    ({"DEADLINE": "1er octobre 2027 à 23 h 59, heure de l’Est"}, {}, []),
    ({"DEADLINE": "1er octobre 2027."}, {}, []),
    (
        {"DEADLINE": "1er octobre 2027, 23 h 59 (heure de Paris)"},
        {},
        [partly("DEADLINE", "1er octobre 2027, 23 h 59 (heure de Paris)")],
    ),
    ({"DEADLINE": "1er octobre 2027 à 17 h"}, {}, [partly("DEADLINE", "1er octobre 2027 à 17 h")]),
    # A typing error is likelier than a choice.
    (
        {"DATES": "Du mardi 10 janvier au 7 juillet 2028"},
        {},
        [("WEEKDAY_DIFFERS", "DATES : Du mardi 10 janvier au 7 juillet 2028")],
    ),
    ({"DEADLINE": "lundi 1er octobre 2027"}, {}, [("WEEKDAY_DIFFERS", "DEADLINE : lundi 1er octobre 2027")]),
    (
        {"DATES": "Du 11 janvier au 6 juillet 2028"},
        {"starts_on": date(2028, 1, 11), "ends_on": date(2028, 7, 6)},
        [
            ("START_NOT_MONDAY", "DATES : Du 11 janvier au 6 juillet 2028"),
            ("END_NOT_FRIDAY", "DATES : Du 11 janvier au 6 juillet 2028"),
        ],
    ),
    # Monday to Friday: 12 weeks less three days are too few, 13 weeks are enough; 53 are accepted, 54 are too many.
    (
        {"DATES": "Du 10 janvier au 31 mars 2028"},
        {"ends_on": date(2028, 3, 31)},
        [("LENGTH_UNUSUAL", "DATES : Du 10 janvier au 31 mars 2028")],
    ),
    ({"DATES": "Du 10 janvier au 7 avril 2028"}, {"ends_on": date(2028, 4, 7)}, []),
    ({"DATES": "Du 10 janvier 2028 au 12 janvier 2029"}, {"ends_on": date(2029, 1, 12)}, []),
    (
        {"DATES": "Du 10 janvier 2028 au 19 janvier 2029"},
        {"ends_on": date(2029, 1, 19)},
        [("LENGTH_UNUSUAL", "DATES : Du 10 janvier 2028 au 19 janvier 2029")],
    ),
    ({"DEADLINE": "9 janvier 2028"}, {"closes_on": date(2028, 1, 9)}, []),
    (
        {"DEADLINE": "10 janvier 2028"},
        {"closes_on": date(2028, 1, 10)},
        [("DEADLINE_AFTER_START", "DEADLINE : 10 janvier 2028")],
    ),
]


@pytest.mark.parametrize("changes, facts, points", DOUBTS)
def test_a_doubtful_fact_becomes_an_open_point(
    changes: dict[str, str | None], facts: dict[str, Any], points: list[tuple[str, str]]
) -> None:
    header, found = facts_of(**changes)
    sound, _none = facts_of()
    assert {name: getattr(header, name) for name in Header.__slots__} == (
        {name: getattr(sound, name) for name in Header.__slots__} | facts
    )
    assert found == points
