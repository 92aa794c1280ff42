"""Texts of published pages: the full result of parsing, and its stability under typing variants."""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import yaml

from eligibility import codec
from offers.blocks import parse_blocks
from offers.page.parser import read_page
from offers.page.parts import PageUnreadableError
from offers.page.sections import to_text
from tests.offers.parsed_pages import NAMES, PAGES, page_text, plain

SOUND = page_text("2024-031-paris")


def test_the_examples_include_pages_of_every_shape() -> None:
    assert len(NAMES) >= 9


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_parsed_as_its_expected_file(name: str) -> None:
    expected = yaml.safe_load((PAGES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert plain(read_page(page_text(name))) == expected


@pytest.mark.parametrize("name", NAMES)
def test_parsed_criteria_form_a_valid_rulebook(name: str) -> None:
    page = read_page(page_text(name))
    rulebook = {
        "schema": 1,
        "reference": page.header.number,
        "starts_on": page.header.starts_on.isoformat(),
        "closes_on": page.header.closes_on.isoformat(),
        "criteria": list(page.criteria),
    }
    assert [each.kind for each in codec.rulebook_from_json(rulebook).criteria] == [
        each["kind"] for each in page.criteria
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_criterion_quotes_a_sentence_that_candidates_read(name: str) -> None:
    page = read_page(page_text(name))
    shown = " ".join(section.text for section in page.sections)
    for criterion in page.criteria:
        for sentence in re.split(r"(?<=\.) (?=[A-ZÀÉÊ])", criterion["clause"]["text"]):
            assert squashed(sentence) in squashed(shown.replace("•", " "))


@pytest.mark.parametrize("name", NAMES)
def test_a_section_is_written_in_the_conventions_of_blocks(name: str) -> None:
    for section in read_page(page_text(name)).sections:
        assert to_text(parse_blocks(section.text)) == section.text


def squashed(text: str) -> str:
    return " ".join(text.split())


def typed_alike(value: Any) -> Any:
    """Return a page's values with one kind of apostrophe and of space."""
    if isinstance(value, dict):
        return {key: typed_alike(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed_alike(inner) for inner in value]
    if isinstance(value, str):
        return re.sub(r"[ \u00a0\u202f]+", " ", value.replace("’", "'"))
    return value


TYPINGS: dict[str, Callable[[str], str]] = {
    "straight apostrophes": lambda text: text.replace("’", "'"),
    "curly apostrophes": lambda text: text.replace("'", "’"),
    "non-breaking spaces in numbers": lambda text: re.sub(r"(?<=\d) (?=\d|\$)", "\u00a0", text),
    "narrow spaces in numbers": lambda text: re.sub(r"(?<=\d) (?=\d|\$)", "\u202f", text),
    "non-breaking spaces before punctuation": lambda text: re.sub(r" (?=[:;])", "\u00a0", text),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "a byte order mark": lambda text: "\ufeff" + text,
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "blanks at the ends": lambda text: text.replace("\n", "  \n"),
    "many blank lines": lambda text: text.replace("\n\n", "\n\n\n\n"),
    "places where a word may be cut": lambda text: text.replace("ss", "s\u00ads"),
    "tabs before bullets": lambda text: text.replace("    •", "\t\t•").replace("  •", "\t•"),
    "other bullets": lambda text: text.replace("•", "–"),
}


@pytest.mark.parametrize("typing", TYPINGS.values(), ids=TYPINGS.keys())
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if place < 2 else pytest.mark.full) for place, name in enumerate(NAMES)],
)
def test_typing_variants_of_a_page_are_parsed_alike(name: str, typing: Callable[[str], str]) -> None:
    text = page_text(name)
    assert typed_alike(plain(read_page(typing(text)))) == typed_alike(plain(read_page(text)))


@pytest.mark.parametrize("name", NAMES)
def test_a_line_of_the_site_separates_paragraphs_as_a_blank_line_does(name: str) -> None:
    text = page_text(name)
    page = read_page(text.replace("\n\n", "\nHaut de page\n"))
    assert "Haut de page" in page.furniture
    assert plain(page) == plain(read_page(text)) | {"furniture": list(page.furniture)}


@pytest.mark.parametrize(
    "printed, number",
    [
        ("N0 2024-031", "2024-031"),
        ("N° 2024-031", "2024-031"),
        ("Nº 2024-031", "2024-031"),
        ("No 2024-031", "2024-031"),
        ("no 2024-031", "2024-031"),
        ("No. 2024-031", "2024-031"),
        ("№ 2024-031", "2024-031"),
        ("N0\u00a02024-031", "2024-031"),
        ("N0 : 2024-031", "2024-031"),
        ("N02024-031", "2024-031"),
        ("N0 2024 – 031", "2024-031"),
        ("N0 2024‑031", "2024-031"),
        ("Numéro : 2024-031", "2024-031"),
        ("Offre de stage N° 2024-031", "2024-031"),
        ("2024-031", "2024-031"),
        ("N0 2024-031B", "2024-031B"),
        ("", None),
    ],
)
def test_the_number_is_read_in_every_printed_form(printed: str, number: str | None) -> None:
    page = read_page(SOUND.replace("N0 2024-031", printed))
    assert (page.header.number, page.points) == (number, ())
    assert page.header.organisation == "Union internationale des rivières"


@pytest.mark.parametrize("printed", ["N0 à venir", "N0 2024/031", "N° " + "9" * 21])
def test_an_unreadable_number_gives_an_open_point(printed: str) -> None:
    page = read_page(SOUND.replace("N0 2024-031", printed))
    assert (page.header.number, [point.code for point in page.points]) == (None, ["NUMBER_NOT_READ"])
    assert page.points[0].excerpt == printed


@pytest.mark.parametrize(
    "printed, organisation, short",
    [
        ("Stage à l'Union des ponts", "Union des ponts", ""),
        ("Stage à l’Union des ponts (UP)", "Union des ponts", "UP"),
        ("Stage au secrétariat des ponts", "Secrétariat des ponts", ""),
        ("Stage à la Commission des ponts", "Commission des ponts", ""),
        ("Stage aux Ponts unis", "Ponts unis", ""),
        ("Stage auprès de l’Union des ponts", "Union des ponts", ""),
        ("Union des ponts (section du nord)", "Union des ponts (section du nord)", ""),
        ("Organisation : Union des ponts", "Union des ponts", ""),
        ("No Bridge Too Far", "No Bridge Too Far", ""),
    ],
)
def test_the_organisation_is_named_with_or_without_stage(printed: str, organisation: str, short: str) -> None:
    header = read_page(SOUND.replace("Union internationale des rivières\n", f"{printed}\n", 1)).header
    assert (header.organisation, header.organisation_short) == (organisation, short)


@pytest.mark.parametrize(
    "printed, starts_on, ends_on",
    [
        ("Du 13 janvier au 11 juillet 2025", "2025-01-13", "2025-07-11"),
        ("Du 13 janvier 2025 au 11 juillet 2025", "2025-01-13", "2025-07-11"),
        ("13 janvier au 11 juillet 2025", "2025-01-13", "2025-07-11"),
        ("du 13 janv. au 11 juill. 2025".replace("juill.", "juil."), "2025-01-13", "2025-07-11"),
        ("Du lundi 13 janvier au vendredi 11 juillet 2025", "2025-01-13", "2025-07-11"),
        ("13 janvier 2025 – 11 juillet 2025", "2025-01-13", "2025-07-11"),
        ("2025-01-13 au 2025-07-11", "2025-01-13", "2025-07-11"),
        ("Du 1er septembre 2025 au 29 mai 2026", "2025-09-01", "2026-05-29"),
        ("Du 1 septembre au 29 mai 2026", "2025-09-01", "2026-05-29"),
        ("Du premier septembre 2025 au 29 mai", "2025-09-01", "2026-05-29"),
        ("Du 13 janvier au 11 juillet 2025 (26 semaines)", "2025-01-13", "2025-07-11"),
    ],
)
def test_dates_are_read_in_every_printed_form(printed: str, starts_on: str, ends_on: str) -> None:
    page = read_page(SOUND.replace("Du 13 janvier au 11 juillet 2025", printed))
    assert (page.header.starts_on.isoformat(), page.header.ends_on.isoformat()) == (starts_on, ends_on)
    assert page.points == ()


def test_both_days_may_be_of_one_month() -> None:
    page = read_page(SOUND.replace("Du 13 janvier au 11 juillet 2025", "Du 6 au 31 janvier 2025"))
    assert (page.header.starts_on.isoformat(), page.header.ends_on.isoformat()) == (
        "2025-01-06",
        "2025-01-31",
    )
    assert [point.code for point in page.points] == ["LENGTH_UNUSUAL"]


@pytest.mark.parametrize(
    "printed, closes_on, codes",
    [
        ("6 octobre 2024", "2024-10-06", []),
        ("1er octobre 2024", "2024-10-01", []),
        ("1 octobre 2024", "2024-10-01", []),
        ("Le dimanche 6 octobre 2024", "2024-10-06", []),
        ("dimanche, 6 octobre 2024", "2024-10-06", []),
        ("6 octobre 2024 à 23 h 59", "2024-10-06", []),
        ("6 octobre 2024, 23 h 59 (heure de l’Est, Québec)", "2024-10-06", []),
        ("6 octobre 2024 à minuit", "2024-10-06", ["HEADER_LINE_PARTLY_READ"]),
        ("6 octobre 2024, 23 h 59 (heure de Paris)", "2024-10-06", ["HEADER_LINE_PARTLY_READ"]),
        ("6 octobre 2024, 17 h", "2024-10-06", ["HEADER_LINE_PARTLY_READ"]),
        ("lundi 6 octobre 2024", "2024-10-06", ["WEEKDAY_DIFFERS"]),
        ("13 janvier 2025", "2025-01-13", ["DEADLINE_AFTER_START"]),
    ],
)
def test_a_deadline_with_another_hour_gives_an_open_point(
    printed: str, closes_on: str, codes: list[str]
) -> None:
    page = read_page(SOUND.replace("6 octobre 2024", printed))
    assert page.header.closes_on.isoformat() == closes_on
    assert [point.code for point in page.points] == codes


@pytest.mark.parametrize(
    "printed, least, most, currency",
    [
        ("15 000,00 $ CA", 15000, 15000, "CAD"),
        ("13 000,00 $ CA à 15 000,00 $ CA", 13000, 15000, "CAD"),
        ("De 13 000 $ à 15 000 $ CA", 13000, 15000, "CAD"),
        ("13 000 à 15 000 $", 13000, 15000, "CAD"),
        ("15 000 dollars canadiens", 15000, 15000, "CAD"),
        ("15 000 $ US", 15000, 15000, "USD"),
        ("12 000 €", 12000, 12000, "EUR"),
        ("15000 $", 15000, 15000, "CAD"),
    ],
)
def test_the_allowance_is_read_as_one_amount_or_two(
    printed: str, least: int, most: int, currency: str
) -> None:
    page = read_page(SOUND.replace("15 000,00 $ CA", printed))
    assert (page.header.allowance_min, page.header.allowance_max) == (Decimal(least), Decimal(most))
    assert page.header.currency == currency
    assert page.points == ()


@pytest.mark.parametrize(
    "printed, code",
    [
        ("à déterminer", "ALLOWANCE_NOT_READ"),
        ("15 000", "ALLOWANCE_NOT_READ"),
        ("15 000 $ à 13 000 $", "ALLOWANCE_NOT_READ"),
        ("10 000 $ US à 15 000 $ CA", "ALLOWANCE_NOT_READ"),
        ("99 999 999 $", "ALLOWANCE_NOT_READ"),
        ("jusqu’à 15 000 $", "ALLOWANCE_NOT_READ"),
        ("15 000 $ CA par mois", "HEADER_LINE_PARTLY_READ"),
        ("", "ALLOWANCE_MISSING"),
    ],
)
def test_an_unreadable_allowance_gives_an_open_point(printed: str, code: str) -> None:
    page = read_page(SOUND.replace("15 000,00 $ CA\n", f"{printed}\n") if printed else without("Allocation"))
    assert [point.code for point in page.points] == [code]


@pytest.mark.parametrize(
    "printed, name, remote, codes",
    [
        ("Rome, Italie", "Rome, Italie", False, []),
        (
            "Télétravail ou présentiel (Paris, France) selon la situation sanitaire",
            "Paris, France",
            True,
            [],
        ),
        ("Présentiel ou télétravail (Paris, France)", "Paris, France", True, []),
        ("Paris, France (télétravail possible)", "Paris, France", True, []),
        ("Paris, France ou télétravail", "Paris, France", True, []),
        ("Télétravail", "Télétravail", True, []),
        ("Genève, Suisse (en présentiel)", "Genève, Suisse", False, []),
        ("Mode hybride : Addis-Abeba, Éthiopie", "Addis-Abeba, Éthiopie", True, []),
        ("Sans télétravail, Berne", "Sans télétravail, Berne", False, ["HEADER_LINE_PARTLY_READ"]),
        (
            "Paris (télétravail le lundi), France",
            "Paris (télétravail le lundi), France",
            True,
            ["HEADER_LINE_PARTLY_READ"],
        ),
    ],
)
def test_the_place_is_separated_from_the_way_of_working(
    printed: str,
    name: str,
    remote: bool,  # noqa: FBT001 -- a column of the table
    codes: list[str],
) -> None:
    page = read_page(SOUND.replace("Lieu : Paris, France", f"Lieu : {printed}"))
    assert (page.header.place, page.header.remote_possible) == (name, remote)
    assert [point.code for point in page.points] == codes


@pytest.mark.parametrize(
    "sentence, funder, kept",
    [
        ("Ce stage est financé par les Fonds de recherche du Québec.", "Fonds de recherche du Québec", False),
        ("Ce stage est financé par l’Agence des eaux.", "Agence des eaux", False),
        ("Ce stage est financé en partie par la Ville de Laval.", "Ville de Laval", True),
        ("Rien ici.", "", True),
    ],
)
def test_the_funder_is_read_from_its_sentence_if_any(sentence: str, funder: str, kept: bool) -> None:  # noqa: FBT001 -- a column of the table
    page = read_page(SOUND.replace("Ce stage est financé par les Fonds de recherche du Québec.", sentence))
    assert (page.funder, page.points) == (funder, ())
    assert (sentence in page.sections[0].text) is kept


def test_a_second_funder_gives_an_open_point() -> None:
    page = read_page(SOUND.replace("Elle devra", "Ce stage est financé par Dupont.\n\nElle devra"))
    assert page.funder == "Fonds de recherche du Québec"
    assert [point.code for point in page.points] == ["FUNDER_NOT_READ"]


@pytest.mark.parametrize(
    "lines, contact",
    [
        ("Unité A\nTél .: 418 555-0100, poste 7", ("Unité A", "418 555-0100", "7", "")),
        ("Unité A\nTéléphone : (418) 555-0100 poste 7", ("Unité A", "(418) 555-0100", "7", "")),
        ("Unité A\nCourriel : A.b@Exemple.invalid", ("Unité A", "", "", "A.b@Exemple.invalid")),
        ("Unité A\na@exemple.invalid", ("Unité A", "", "", "a@exemple.invalid")),
        ("Unité A\nService B\nTél. : +33 1 55 50 10 00", ("Unité A, Service B", "+33 1 55 50 10 00", "", "")),
        ("Tél. : 418\u00a0555-0100", ("", "418 555-0100", "", "")),
    ],
)
def test_the_contact_has_a_unit_a_telephone_and_an_address(lines: str, contact: tuple[str, ...]) -> None:
    before, title, _after = SOUND.partition("Pour toute question relative au stage\n\n")
    page = read_page(f"{before}{title}{lines}")
    assert page.contact is not None
    read = (page.contact.unit, page.contact.phone, page.contact.extension, page.contact.email)
    assert (read, page.points) == (contact, ())


def without(start: str) -> str:
    """Return the valid page without its line that begins with `start`."""
    return "".join(line for line in SOUND.splitlines(keepends=True) if not line.startswith(start))


@pytest.mark.parametrize(
    "text, problem, field, line",
    [
        ("", "EMPTY", "", None),
        (" \n\u200b\ufeff\r\n", "EMPTY", "", None),
        (without("Dates du stage"), "MISSING", "DATES", None),
        (without("Date limite"), "MISSING", "DEADLINE", None),
        (without("Union internationale"), "MISSING", "ORGANISATION", None),
        (SOUND.replace("Du 13 janvier", "Du 31 février"), "NO_SUCH_DAY", "DATES", 10),
        (SOUND.replace("6 octobre 2024", "31 novembre 2024"), "NO_SUCH_DAY", "DEADLINE", 13),
        (SOUND.replace("6 octobre 2024", "29 février 2023"), "NO_SUCH_DAY", "DEADLINE", 13),
        (SOUND.replace("6 octobre 2024", "6 octobre 0000"), "NO_SUCH_DAY", "DEADLINE", 13),
        (SOUND.replace("6 octobre 2024", "bientôt"), "NOT_READ", "DEADLINE", 13),
        (SOUND.replace("6 octobre 2024", "6 octobre"), "NOT_READ", "DEADLINE", 13),
        (SOUND.replace("6 octobre 2024", ""), "MISSING", "DEADLINE", 13),
        (SOUND.replace("au 11 juillet 2025", ""), "NOT_READ", "DATES", 10),
        (SOUND.replace("11 juillet 2025", "11 juillet"), "NOT_READ", "DATES", 10),
        (SOUND.replace("au 11 juillet 2025", "2025 au 13 janvier 2025"), "ENDS_BEFORE_START", "DATES", 10),
        (SOUND.replace("Gestion", "Gest\x00ion"), "CONTROL_CHARACTER", "", 9),
        (SOUND.replace("Gestion", "Gest\ud800ion"), "CONTROL_CHARACTER", "", 9),
        (SOUND.encode().decode("cp1252", errors="replace"), "MOJIBAKE", "", 1),
        (SOUND.encode().decode("latin-1"), "MOJIBAKE", "", 1),
        (SOUND.replace("Union internationale", "Union " * 50), "TOO_LONG", "ORGANISATION", 7),
    ],
)
def test_an_unusable_text_is_refused_with_problem_field_and_line(
    text: str, problem: str, field: str, line: int | None
) -> None:
    with pytest.raises(PageUnreadableError) as refusal:
        read_page(text)
    assert (refusal.value.problem, refusal.value.field) == (problem, field)
    assert refusal.value.line == line


def test_a_replacement_character_gives_an_open_point() -> None:
    page = read_page(SOUND.replace("géographie", "g\ufffdographie"))
    assert [point.code for point in page.points] == ["CHARACTER_LOST"]
    assert "g\ufffdographie" in page.points[0].excerpt


@pytest.mark.parametrize(
    "title, code",
    [
        ("Mandat de l’organisation", "MANDATE_SECTION_MISSING"),
        ("Description des tâches et des responsabilités", "TASKS_SECTION_MISSING"),
        ("Compétences et expérience requises", "SKILLS_SECTION_MISSING"),
        ("Admissibilité", "ELIGIBILITY_SECTION_MISSING"),
        ("Pour toute question relative au stage", "CONTACT_MISSING"),
    ],
)
def test_a_missing_expected_section_gives_an_open_point(title: str, code: str) -> None:
    page = read_page(SOUND.replace(f"\n{title}\n", "\n"))
    assert code in [point.code for point in page.points]


@pytest.mark.parametrize(
    "line",
    [
        "Dépêchez-vous!",
        "Accueil / Emploi / Date limite repoussée au 3",
        "Logo du gouvernement du Québec. L’offre est annulée.",
    ],
)
def test_a_line_that_is_not_boilerplate_becomes_an_open_point(line: str) -> None:
    page = read_page(SOUND.replace("Domaine :", f"{line}\n\nDomaine :", 1))
    assert [(point.code, point.excerpt) for point in page.points] == [("TEXT_NOT_PLACED", line)]


@pytest.mark.parametrize(
    "title, printed",
    [
        ("COVID-19", "COVID-19\n\nLe stage pourra se faire à distance."),
        (
            "Situation liée à la COVID-19",
            "Situation liée à la COVID-19\nLe stage pourra se faire à distance.",
        ),
        (
            "Mesures sanitaires au siège",
            "Mesures sanitaires au siège\n\nLe stage pourra se faire à distance.",
        ),
        ("", "En raison de la COVID-19, le stage pourra se faire à distance."),
    ],
)
def test_the_health_section_is_recognised_by_its_title_or_its_start(title: str, printed: str) -> None:
    page = read_page(SOUND.replace("Mandat de l’organisation\n", f"{printed}\n\nMandat de l’organisation\n"))
    assert (page.sections[0].kind, page.sections[0].title) == ("HEALTH", title)
    assert page.sections[0].text.endswith("le stage pourra se faire à distance.".removeprefix("le "))
    assert page.points == ()


def test_an_unknown_title_is_kept_and_becomes_an_open_point() -> None:
    page = read_page(
        SOUND.replace(
            "Compétences et expérience requises",
            "Avantages du stage\n\nUn vélo.\n\nCompétences et expérience requises",
        )
    )
    assert [(section.kind, section.title) for section in page.sections][2] == ("OTHER", "Avantages du stage")
    assert [(point.code, point.excerpt) for point in page.points] == [
        ("SECTION_NOT_RECOGNISED", "Avantages du stage")
    ]


def test_a_value_may_follow_its_label_but_never_replaces_an_earlier_one() -> None:
    page = read_page(SOUND.replace("Lieu : Paris, France", "Lieu :\n\nParis, France\nLieu :\nRome, Italie"))
    assert page.header.place == "Paris, France"
    assert [(point.code, point.excerpt) for point in page.points] == [
        ("HEADER_LINE_REPEATED", "Lieu :"),
        ("TEXT_NOT_PLACED", "Rome, Italie"),
    ]
