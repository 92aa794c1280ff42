"""A sentence from which readers take the phrases that they recognise, and its numbers and reference day."""

import re
from dataclasses import dataclass, field
from typing import Any

from offers.page.lines import fold, squash

_MARKS_OF_GENDER = re.compile(
    r"\((?:e|ne|s|es|nes)\)|(?<=[a-z])[·•.](?:e|ne|s|es|nes)(?:[·•.]s)?(?=[\s,;]|$)"
)
_BOTH_GENDERS = re.compile(
    r"\b(?:(?P<first>[a-z]{3,}) ou (?:une )?(?P=first)(?:e|ne)|(?P<last>[a-z]{3,}?)(?:e|ne) ou (?:un )?(?P=last))\b"
)
_TAKEN = "|"
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# Function words: if left over, they do not change the meaning.
_TIES = {
    *("a", "au", "aux", "avoir", "candidat", "candidate", "candidates", "candidats", "d"),
    *("de", "des", "detenir", "devez", "devoir", "doit", "doivent", "du", "egalement"),
    *("en", "et", "etre", "faut", "il", "l", "la", "le", "les"),
    *("personne", "personnes", "posseder", "un", "une", "vous"),
}
# Words that change a condition into an alternative, an exception or a wish, which no rule expresses.
_QUALIFIERS = {
    *("atout", "cependant", "derogation", "dispense", "dispenses", "excepte", "exception", "facultatif"),
    *("hormis", "idealement", "jamais", "mais", "n", "ne", "non", "ou", "pas", "peut"),
    *("peuvent", "pourra", "pourront", "preferablement", "preference", "sans", "sauf", "si", "sinon"),
    *("souhaitable", "souhaite", "toutefois"),
}
_UNLESS = re.compile(r"\ba moins (?:de|d'|que|qu')")
_START = re.compile(
    r",? ?\b(?:a la date (?:de |du |prevue (?:de |du |pour le ))?(?:debut|commencement) (?:du |de ce )?stage"
    r"|a la date (?:a laquelle|ou) (?:le stage (?:debute|commence)|(?:debute|commence) le stage)"
    r"|(?:au|lors du|au moment du|des le) (?:debut|commencement) (?:du |de ce )?stage"
    r"|au moment (?:de commencer|d'entreprendre|de debuter) (?:le|son|votre|ce) stage"
    r"|(?:le|au) premier jour du stage|le jour ou (?:le stage (?:debute|commence)|(?:debute|commence) le stage))"
)
_CLOSING = re.compile(
    r",? ?\b(?:a|au moment de) la (?:date limite|date de (?:cloture|fermeture)|cloture|fermeture)"
    r"(?: (?:d'inscription|des inscriptions|de l'offre|de depot des candidatures|pour (?:s'inscrire|postuler)))?\b"
)
_FILING = re.compile(
    r",? ?\b(?:au moment|lors|a la date) (?:de l'inscription|du depot (?:de (?:la|sa|votre|leur) candidature)?"
    r"|de (?:postuler|s'inscrire|(?:deposer|presenter|soumettre|poser) (?:sa|votre|leur|la) candidature)"
    r"|de (?:la|sa|votre) candidature)"
)
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


@dataclass(frozen=True, slots=True)
class ParsedCriterion:
    """A criterion that was recognised: its kind and parameters.

    `assumes` is true if the rule differs slightly from the sentence, so that a person must check it. `forbids` is
    true if it excludes people by what they did: words left over could be an exception for some of them.
    """

    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    assumes: bool = False
    forbids: bool = False


class Sentence:
    """One sentence of the offer, folded, with the endings for both genders reduced to one."""

    def __init__(self, text: str) -> None:
        plain = _MARKS_OF_GENDER.sub("", squash(fold(text)).replace(_TAKEN, " "))
        self.text = _BOTH_GENDERS.sub(lambda match: match["first"] or match["last"], plain)
        self.rest = self.text

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take the first match out of the rest of the sentence and return it."""
        match = pattern.search(self.rest)
        if match:
            self.rest = f"{self.rest[: match.start()]} {_TAKEN} {self.rest[match.end() :]}"
        return match

    def consume_all(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Take each match out of the rest of the sentence and return all, in order."""
        return list(iter(lambda: self.take(pattern), None))

    def join_alternatives(self) -> None:
        """Take each « ou » that only separates phrases taken by the same reader."""
        ties = rf"(?:[\s,/()]|(?:{'|'.join(sorted(_TIES))})\b|')*"
        pattern = re.compile(rf"\{_TAKEN}{ties}\b(?:ou|et/ou)\b{ties}\{_TAKEN}")
        while pattern.search(self.rest):
            self.rest = pattern.sub(_TAKEN, self.rest)

    def seal(self) -> None:
        """End the work of one reader: its phrases are not joined with phrases of the next reader."""
        self.rest = self.rest.replace(_TAKEN, "—")

    @property
    def unread_words(self) -> set[str]:
        """The words that no reader took, without function words."""
        return set(_WORD.findall(self.rest)) - _TIES

    @property
    def is_qualified(self) -> bool:
        """True if the rest makes the sentence an alternative, an exception or a wish: then no rule may block."""
        return bool(self.unread_words & _QUALIFIERS or _UNLESS.search(self.rest))


def consume_day(sentence: Sentence, *, default: str) -> tuple[str, bool]:
    """Take the day out of the sentence; return its name in a rulebook, and True if it is only an approximation.

    The day of filing is not known in advance: the closing day approximates it. `default` is the reference day of the
    programme's own rule, for a sentence that names no day.
    """
    if sentence.take(_START):
        return "starts_on", False
    if sentence.take(_CLOSING):
        return "closes_on", False
    if sentence.take(_FILING):
        return "closes_on", True
    return default, False


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
