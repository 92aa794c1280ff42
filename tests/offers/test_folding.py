"""The fold of every search: the database and Python fold each character alike, and folding twice changes nothing."""

import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from intake.base.folding import fold, search_words

SPELLINGS = [
    # typed, stored
    ("Nguyen", "Nguyễn"),
    ("kirmizi", "Kırmızı"),
    ("KIRMIZI", "Kırmızı"),
    ("belanger-coeur", "Bélanger-Cœur"),
    ("Bélanger Cœur", "belanger-coeur"),
    ("lukasz", "Łukasz"),
    ("dang", "Đặng"),
    ("gross", "Groß"),
    ("GROẞ", "gross"),
    ("soren", "Søren"),
    ("aegir", "Ægir"),
    ("thora", "Þóra"),
    ("gudrun", "Guðrún"),
    ("istanbul", "İstanbul"),
    ("L'Ecuyer", "L’Écuyer"),
    ("l‘ecuyer", "L'Écuyer"),
    ("n'golo", "Nʼgolo"),
    ("Jean Pierre", "Jean\N{NON-BREAKING HYPHEN}Pierre"),
    ("jean–pierre", "Jean-Pierre"),
    ("cote", "Co\u0302te\u0301"),
    ("fiona", "\N{LATIN SMALL LIGATURE FI}ona"),
    ("στεφανος", "Στέφανος"),
    ("иван", "ИВАН"),
    ("2027 020 000013 b", "2027-020-000013-B"),
    ("quebec canada", "Québec\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE} Canada"),
    ("adam", "ad\N{SOFT HYPHEN}am"),
]
"""Pairs of spellings of one name or number."""
_ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("typed, stored", SPELLINGS)
def test_two_spellings_of_one_name_fold_to_one_text(typed: str, stored: str) -> None:
    assert fold(typed) == fold(stored)


@pytest.mark.parametrize(
    "one, other", [("Roy", "Ray"), ("Anne", "Ann"), ("000013-B", "000013-C"), ("Jean-Pierre", "JeanPierre")]
)
def test_different_names_fold_to_different_texts(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(_ANY_TEXT)
def test_a_folded_text_folds_to_itself(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(_ANY_TEXT)
def test_composed_and_decomposed_texts_fold_alike(text: str) -> None:
    forms = {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {fold(text)}


@given(_ANY_TEXT)
def test_the_terms_of_a_search_are_folded_and_none_is_empty(text: str) -> None:
    found = search_words(text)
    assert found == [fold(word) for word in found]
    assert "" not in found


def test_a_search_is_split_only_at_typed_spaces() -> None:
    assert search_words("L’Eau  de Jean-Pierre") == ["l eau", "de", "jean pierre"]


@pytest.mark.parametrize(
    "typed, number",
    [
        ("a b " * 25, 2),
        (" ".join(map(str, range(99))), 12),
        ("-".join("abcdefghijklmnopqrstuvwxyz"), 1),
        ("é" * 9_999, 1),
    ],
)
def test_a_long_search_is_shortened(typed: str, number: int) -> None:
    found = search_words(typed)
    assert len(found) == number
    assert len(" ".join(found).split()) <= 12
    assert max(map(len, found)) <= 100


@pytest.mark.parametrize("typed", ["", " ", "-", "’’’", "\0", " - – ' "])
def test_separators_alone_are_no_search_term(typed: str) -> None:
    assert search_words(typed) == []


@pytest.mark.django_db
@pytest.mark.parametrize("last", [0x2FFF, pytest.param(0x10FFFF, marks=pytest.mark.full)], ids=hex)
def test_the_database_folds_every_character_as_python_does(last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT code, fold_text('A' || chr(code) || 'b') FROM generate_series(1, %s) code
            WHERE code NOT BETWEEN 55296 AND 57343""",
            [last],
        )
        by_database: dict[int, str] = dict(cursor.fetchall())
    known = [code for code in by_database if unicodedata.category(chr(code)) != "Cn"]
    assert len(known) > last // 5  # unassigned ones may differ between versions of Unicode
    differing = {hex(code) for code in known if by_database[code] != fold(f"A{chr(code)}b")}
    assert differing == set()


@pytest.mark.django_db
@pytest.mark.parametrize("text", [text for pair in SPELLINGS for text in pair] + [" a  b ", "", "-", "α-β’γ"])
def test_the_database_folds_a_text_as_python_does(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT fold_text(%s)", [text])
        assert cursor.fetchone() == (fold(text),)
