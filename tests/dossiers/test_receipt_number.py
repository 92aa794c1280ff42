"""A receipt number is parsed as written, and a typing error is detected."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.dossiers.receipt_number import InvalidNumberError, format_number, parse_number

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
offers = st.from_regex(r"20[0-9]{2}-[0-9]{3}", fullmatch=True)
serials = st.integers(min_value=1, max_value=9_999_999)


def is_refused(text: str) -> bool:
    try:
        parse_number(text)
    except InvalidNumberError:
        return True
    return False


def test_a_number_consists_of_offer_serial_and_check_letter() -> None:
    assert format_number("2027-020", 123) == "2027-020-000123-N"
    assert parse_number(format_number("oim-2027-a", 7)) == ("OIM-2027-A", 7)
    letters = {format_number("2027-020", serial)[-1] for serial in range(1, 2000)}
    assert letters.isdisjoint("IOQ"), "a letter that resembles a digit"


@given(offers, serials)
def test_a_written_number_is_read_back(offer: str, serial: int) -> None:
    assert parse_number(format_number(offer, serial)) == (offer, serial)


@pytest.mark.parametrize(
    "typed",
    [
        "2027-020-000123-n",
        " 2027-020-000123-N\n",
        "2027 - 020 - 000123 - N",
        "2027–020–000123–N",
        "2027‑020‑000123‑N",
    ],
)
def test_case_spaces_and_dashes_do_not_matter(typed: str) -> None:
    assert parse_number(typed) == ("2027-020", 123)


@pytest.mark.parametrize("number", ["2027-020-000123", "2023-009-999999"])
def test_every_single_wrong_character_is_caught(number: str) -> None:
    offer, serial = number.rsplit("-", 1)
    whole = format_number(offer, int(serial))
    for place, wrong in itertools.product(range(len(whole)), ALPHABET):
        if whole[place] != wrong:
            assert is_refused(whole[:place] + wrong + whole[place + 1 :]), (place, wrong)


@given(offers, serials)
def test_every_exchange_of_two_characters_is_caught(offer: str, serial: int) -> None:
    whole = format_number(offer, serial)
    for first, second in itertools.combinations(range(len(whole)), 2):
        if whole[first] != whole[second]:
            typed = list(whole)
            typed[first], typed[second] = typed[second], typed[first]
            assert is_refused("".join(typed)), "".join(typed)


def test_a_missing_or_doubled_character_is_usually_refused() -> None:
    slips = []
    for serial in range(1, 1000):
        whole = format_number("2027-020", serial)
        slips += [whole[:place] + whole[place + 1 :] for place in range(len(whole))]
        slips += [whole[:place] + whole[place] + whole[place:] for place in range(len(whole))]
    # One letter in 23 matches by chance. If the sum of the characters before is zero, as in 2027-, a doubled zero after
    # them always matches: the number then names an offer that does not exist.
    assert sum(not is_refused(slip) for slip in slips) <= len(slips) // 10


@pytest.mark.parametrize("offer, serial", [("", 1), ("2027_020", 1), ("2027-", 1), ("2027-020", 0), ("é", 1)])
def test_a_number_that_could_not_be_read_back_is_not_written(offer: str, serial: int) -> None:
    with pytest.raises(ValueError, match="no receipt number"):
        format_number(offer, serial)


@pytest.mark.parametrize(
    "typed", ["", "2027-020", "2027-020-000123", "2027-020-123-K", "n’importe quoi", "2027-020-000123-I"]
)
def test_other_texts_are_refused(typed: str) -> None:
    with pytest.raises(InvalidNumberError):
        parse_number(typed)
