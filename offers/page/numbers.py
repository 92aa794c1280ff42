"""Parser of numbers and durations in French: digits, words, or both."""

import re

_UNITS = (
    *("zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    *("onze", "douze", "treize", "quatorze", "quinze", "seize"),
    *("dix-sept", "dix-huit", "dix-neuf"),
)
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}
_MONTHS_PER_YEAR = 12


def _in_words(number: int) -> str:
    """Return a number from 0 to 99 in folded French words."""
    if number < len(_UNITS):
        return _UNITS[number]
    ten = max(base for base in _TENS if base <= number)
    rest = number - ten
    if not rest:
        return _TENS[ten] + ("s" if ten == 80 else "")  # noqa: PLR2004 -- quatre-vingts alone takes an s
    link = "-et-" if rest in {1, 11} and ten != 80 else "-"  # noqa: PLR2004 -- quatre-vingt-un has no « et »
    return _TENS[ten] + link + _UNITS[rest]


_VALUES = {_in_words(number): number for number in range(100)} | {"une": 1, "cent": 100, "cent vingt": 120}
_WORDS = "|".join(
    word.replace("-", "[- ]") for word in sorted(_VALUES, key=len, reverse=True) if word != "zero"
)
NUMBER = rf"(?:\d{{1,3}}|{_WORDS})(?: ?\(\d{{1,3}}\))?"
"""Pattern of a number in folded text, optionally with digits in brackets after it: `six (6)`."""
UNIT = r"(?:an(?:nee)?s?|mois)"


def value_of(written: str) -> int | None:
    """Return the value of a match of `NUMBER`; None if its words and its digits differ."""
    words, _, digits = written.partition("(")
    word = re.sub(r"[ -]+", "-", words.strip())
    value = int(word) if word.isdigit() else _VALUES.get(word, _VALUES.get(word.replace("-", " ")))
    if digits and int(digits.rstrip(")")) != value:
        return None
    return value


def months_of(count: str, unit: str) -> int | None:
    """Return a duration in calendar months; None if its words and its digits differ."""
    value = value_of(count)
    if value is None:
        return None
    return value if unit == "mois" else value * _MONTHS_PER_YEAR
