"""Receipt numbers, such as `2027-020-000123-N`: the offer's number, a serial, and a check letter against typing errors.

The check letter follows the pure systems of ISO/IEC 7064 (prime modulus, powers of a generating radix), with modulus 23
and radix 5. The 23 letters leave out I, O and Q, which are mistaken for 1 and 0. If the offer's number has only digits
and hyphens, every single wrong character and every exchange of two characters, adjacent or not, is detected. Letters of
an offer's number share twelve residues: a letter mistaken for another is detected in eleven of twelve cases, and for a
digit always.
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
    """The text is not a receipt number, or its check letter is wrong."""

    code = "INVALID_RECEIPT_NUMBER"


def format_number(offer_number: str, serial: int) -> str:
    """Return the receipt number: the offer's number, at least six digits of `serial`, and the check letter.

    :raises ValueError: if the offer's number has characters other than ASCII letters, digits and inner hyphens, or
        `serial` is not positive.
    """
    body = f"{offer_number.upper()}-{serial:0{SERIAL_DIGITS}d}"
    if serial < 1 or not _NUMBER.fullmatch(f"{body}-A"):
        message = f"no receipt number can be made of {offer_number!r} and {serial}"
        raise ValueError(message)
    return f"{body}-{check_letter(body)}"


def parse_number(text: str) -> tuple[str, int]:
    """Return the offer's number and the serial. Ignores case, spaces and the kind of dash.

    :raises InvalidNumberError: if the shape or the check letter is wrong.
    """
    plain = "".join(text.split()).translate(_DASHES).upper()
    found = _NUMBER.fullmatch(plain)
    if found is None or check_letter(plain[:-2]) != found["check"]:
        raise InvalidNumberError(text)
    return found["offer"], int(found["serial"])


def check_letter(body: str) -> str:
    """Return the check letter of `body`, which has capital letters, digits and hyphens."""
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
