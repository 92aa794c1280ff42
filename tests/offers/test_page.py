"""Texts of published pages: the full result of parsing, and its stability under typing variants."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from offers.blocks import parse_blocks
from offers.page.parser import read_page
from offers.page.parts import PageUnreadableError
from offers.page.sections import to_text
from tests.offers.parsed_pages import NAMES, PAGES, page_text, plain

SOUND = page_text("2024-031-paris")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_parsed_as_its_expected_file(name: str) -> None:
    expected = yaml.safe_load((PAGES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert plain(read_page(page_text(name))) == expected


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
