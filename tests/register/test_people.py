"""Matching of people: spelling variants of one name match, different people do not."""

import datetime as dt
import itertools
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from intake.register.errors import NameWithoutLettersError
from intake.register.people import Key, Person, fold
from offers.models import Programme

BORN = dt.date(1998, 5, 4)
KEY = Key("one", b"1" * 32)
PROGRAMME = Programme(code="ESSAI", name="Essai")


def person(last_name: str, first_name: str = "Alex", birth_date: dt.date = BORN) -> Person:
    return Person(last_name=last_name, first_name=first_name, birth_date=birth_date)


def same(one: Person, other: Person) -> bool:
    """True if the register matches the two people, by the comparison of its query."""
    marks = [(KEY.whole(each, PROGRAMME), KEY.shorter(each, PROGRAMME)) for each in (one, other)]
    (whole, shorter), (other_whole, other_shorter) = marks
    return whole == other_whole or whole in other_shorter or other_whole in shorter


@pytest.mark.parametrize(
    "text,folded",
    [
        ("Tremblay", "tremblay"),
        ("TREMBLAY-NGUYỄN", "tremblaynguyen"),
        ("D’Amours", "damours"),
        ("de la Bruère – Montarville", "delabrueremontarville"),
        ("Strauß", "strauss"),
        ("İstanbullu", "istanbullu"),
        ("St. Onge, fils", "stongefils"),
        ("\u00a0 Roy\u200b\ufeff ", "roy"),
        ("Ｒｏｙ", "roy"),
        ("œæøłđðþħıŋ", "oeaeolddthhin"),
        ("ŒÆØŁĐÐÞĦŊ", "oeaeolddthhn"),
        ("a'b’c‘d`e´fʼgʻhʹi′j＇k", "abcdefghijk"),
        ("a_b/c·d\u00adb\u200bc", "abcdbc"),
        ("x²", "x2"),
        ("कि", "कि"),
        ("ИВАНОВ", "иванов"),
        ("Παπαδόπουλος", "παπαδοπουλοσ"),
        ("محمد", "محمد"),
        ("王小明", "王小明"),
        ("-", ""),
    ],
)
def test_folding_keeps_letters_and_figures(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    "one,other,match",
    [
        ("Marie-Ève", "Marie Ève", True),
        ("Marie-Ève", "marie eve", True),
        ("Marie-Ève", "MARIEEVE", True),
        ("Marie-Ève", "Marie", True),
        ("Marie-Ève Louise", "Marie Ève", True),
        ("Marie-Ève Louise", "Marie-Ève", True),
        ("J.-P.", "J", True),
        ("Œlie Marie", "oelie", True),
        ("Œlie Marie", "oe", False),
        ("N’Golo", "Ngolo", True),
        ("N’Golo", "N", False),
        ("Marie-Ève", "Marie-Claude", False),
        ("Marie-Ève", "Ève", False),
        ("Marie", "Mariette", False),
        ("Jean", "Jeanne", False),
    ],
)
def test_missing_last_given_names_still_match(one: str, other: str, match: bool) -> None:  # noqa: FBT001 -- a parameter of the table
    assert same(person("Roy", one), person("Roy", other)) is match
    assert same(person("Roy", other), person("Roy", one)) is match


def test_another_family_name_day_or_programme_does_not_match() -> None:
    alex = person("Roy")
    assert not same(alex, person("Roi"))
    assert not same(alex, person("Roy", birth_date=dt.date(1998, 4, 5)))
    assert KEY.whole(alex, PROGRAMME) != KEY.whole(alex, Programme(code="AUTRE"))
    assert KEY.whole(alex, PROGRAMME) != Key("two", b"2" * 32).whole(alex, PROGRAMME)


def test_the_end_of_a_name_is_significant() -> None:
    assert not same(person("Roy", "Ann"), person("Roya", "Nn"))
    assert same(person("Roy", "Ann"), person("ROY", "ann"))


@pytest.mark.parametrize("last_name,first_name", [("", "Alex"), ("’", "Alex"), ("Roy", "--"), ("Roy", "12")])
def test_a_name_without_a_letter_is_refused(last_name: str, first_name: str) -> None:
    with pytest.raises(NameWithoutLettersError):
        KEY.whole(person(last_name, first_name), PROGRAMME)


WORDS = st.text("abcdefghijklmnopqrstuvwxyzéèêëàâçîïôöùûüœñ", min_size=1, max_size=8)
NAMES = st.lists(WORDS, min_size=1, max_size=4)


def _ways_to_type(word: str) -> list[str]:
    apart = unicodedata.normalize("NFD", word)
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return [word, word.upper(), word.title(), apart, bare]


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """Return a name and a variant spelling of it."""
    words = draw(NAMES)
    typed = [draw(st.sampled_from(_ways_to_type(word))) for word in words]
    joints = [draw(st.sampled_from([" ", "-", "\u00a0", " - ", "’", "'", "\u2011", ""])) for _word in words]
    blanks = st.sampled_from(["", " ", "\t"])
    other = "".join(itertools.chain.from_iterable(zip(typed, joints, strict=True)))
    return "-".join(words), draw(blanks) + other + draw(blanks)


@given(spellings(), spellings(), st.dates())
def test_the_same_person_is_recognised_in_any_spelling(
    last: tuple[str, str], first: tuple[str, str], born: dt.date
) -> None:
    assert same(person(last[0], first[0], born), person(last[1], first[1], born))


@given(NAMES, NAMES, NAMES, NAMES, st.dates(), st.dates())
def test_different_people_have_different_digests(
    last: list[str],
    first: list[str],
    other_last: list[str],
    other_first: list[str],
    born: dt.date,
    other_born: dt.date,
) -> None:
    one = person(" ".join(last), " ".join(first), born)
    other = person(" ".join(other_last), " ".join(other_first), other_born)
    begins = one.given.startswith(other.given) or other.given.startswith(one.given)
    assume((one.family_name, one.birth_date) != (other.family_name, other.birth_date) or not begins)
    assert not same(one, other)
