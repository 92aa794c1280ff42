"""The sentences of open points: each code of the reader has one, and an excerpt is quoted on one line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import offers.page
from offers.import_messages import point_message
from offers.page.sections import EXPECTED

PAGE = Path(offers.page.__file__).parent


def with_plain_spaces(text: str) -> str:
    """Return a sentence with ordinary spaces only."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def codes_of_the_reader() -> Iterator[str]:
    """Yield the codes that the page reader gives to open points; `{kind}` and `{field}` are placeholders."""
    for path in PAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Point" and node.args:
                yield ast.unparse(node.args[0]).strip("f'")


def test_each_open_point_of_the_import_has_a_sentence() -> None:
    written = set(codes_of_the_reader())
    # `code` stands for the keys of the table of doubtful days.
    varying = {"{kind}_SECTION_MISSING", "{field}_MISSING", "code"}
    days = {"WEEKDAY_DIFFERS", "START_NOT_MONDAY", "END_NOT_FRIDAY", "LENGTH_UNUSUAL", "DEADLINE_AFTER_START"}
    assert varying < written
    made = (written - varying) | days | {f"{kind}_SECTION_MISSING" for kind in EXPECTED}
    made |= {"DOMAIN_MISSING", "PLACE_MISSING"}
    assert [code for code in made if point_message(code, "").startswith(code)] == []


@pytest.mark.parametrize(
    "excerpt, quoted",
    [
        ("a" * 160, "a" * 160),
        ("a" * 161, "a" * 159 + "…"),
        ("a" * 158 + " bcd", "a" * 158 + "…"),
        ("un\n\n  mot..", "un mot."),
        ("", ""),
    ],
)
def test_an_excerpt_is_quoted_on_one_line_and_cut_at_160_characters(excerpt: str, quoted: str) -> None:
    assert with_plain_spaces(point_message("TEXT_NOT_PLACED", excerpt)) == (
        f"Ce texte ne correspond à aucune section : « {quoted} »."
    )
