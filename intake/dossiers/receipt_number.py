"""Receipt numbers, `2027-020-000123-N`: the offer's number, a serial, and a letter that catches slips of the hand.

The letter is a check character of the pure system that ISO/IEC 7064 describes (a prime modulus, the powers of a
radix that generates it), here with modulus 23 and radix 5, so that the answer is always one of 23 letters: I, O and Q,
taken for 1 and 0, are left out. In a number whose offer is written in digits and hyphens, every single wrong character
and every two characters exchanged, neighbours or not, are caught. Letters of an offer's number share twelve residues,
so one letter taken for another is caught eleven times in twelve, and always when taken for a digit.
"""

import re

_MODULUS = 23
_RADIX = 5
_CHECK_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_LETTER_RESIDUES = 12
_HYPHEN = 22
SERIAL_DIGITS = 6

_NUMBER = re.compile(
    rf"(?P<offer>[0-9A-Z]+(?:-[0-9A-Z]+)*)-(?P<serial>[0-9]{{{SERIAL_DIGITS},}})-(?P<check>[A-Z])"
)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))


class InvalidNumberError(ValueError):
    """A text is not a receipt number, or not the one that was given: it was misread or mistyped."""

    code = "INVALID_RECEIPT_NUMBER"


def format_number(offer_number: str, serial: int) -> str:
    """Return the receipt number of the `serial`-th filing: at least six digits, then the check letter.

    :raises ValueError: the offer's number has other characters than ASCII letters, digits and inner hyphens, or
        `serial` is not positive.
    """
    body = f"{offer_number.upper()}-{serial:0{SERIAL_DIGITS}d}"
    if serial < 1 or not _NUMBER.fullmatch(f"{body}-A"):
        message = f"no receipt number can be made of {offer_number!r} and {serial}"
        raise ValueError(message)
    return f"{body}-{check_letter(body)}"


def parse_number(text: str) -> tuple[str, int]:
    """Return the offer's number and the serial; case, spaces and the kind of dash do not matter.

    :raises InvalidNumberError: the shape is wrong, or the check letter is.
    """
    plain = "".join(text.split()).translate(_DASHES).upper()
    found = _NUMBER.fullmatch(plain)
    if found is None or check_letter(plain[:-2]) != found["check"]:
        raise InvalidNumberError(text)
    return found["offer"], int(found["serial"])


def check_letter(body: str) -> str:
    """Return the letter that goes with `body`, made of capital letters, digits and hyphens."""
    remainder = 0
    for character in body:
        remainder = (remainder + _residue(character)) * _RADIX % _MODULUS
    return _CHECK_LETTERS[-remainder % _MODULUS]


def _residue(character: str) -> int:
    if character == "-":
        return _HYPHEN
    if character.isdigit():
        return int(character)
    return 10 + (ord(character) - ord("A")) % _LETTER_RESIDUES
