"""A sentence from which what is recognised is taken out: what stays was not understood."""

import re
from collections.abc import Iterator
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
# Words that only tie a sentence together: left over, they change nothing.
_TIES = frozenset(
    (
        *("a", "au", "aux", "avoir", "candidat", "candidate", "candidates", "candidats", "d"),
        *("de", "des", "detenir", "devez", "devoir", "doit", "doivent", "du", "egalement"),
        *("en", "et", "etre", "faut", "il", "l", "la", "le", "les"),
        *("personne", "personnes", "posseder", "un", "une", "vous"),
    )
)
# Words that turn a condition into something else than the rule says: an alternative, an exception, a wish.
_QUALIFIERS = frozenset(
    (
        *(
            "atout",
            "cependant",
            "derogation",
            "dispense",
            "dispenses",
            "excepte",
            "exception",
            "facultatif",
            "hormis",
        ),
        *("idealement", "jamais", "mais", "n", "ne", "non", "ou", "pas", "peut"),
        *("peuvent", "pourra", "pourront", "preferablement", "preference", "sans", "sauf", "si", "sinon"),
        *("souhaitable", "souhaite", "toutefois"),
    )
)
_UNLESS = re.compile(r"\ba moins (?:de|d'|que|qu')")


@dataclass(frozen=True, slots=True)
class ParsedCriterion:
    """A criterion that was recognised: its kind and parameters.

    `assumes` says that the rule is not quite what the sentence says, so that a person must look. `forbids` says that
    it shuts people out by what they did: words left over would let some of them in.
    """

    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    assumes: bool = False
    forbids: bool = False


class Sentence:
    """One sentence of the offer, folded, without the marks of both genders."""

    def __init__(self, text: str) -> None:
        plain = _MARKS_OF_GENDER.sub("", squash(fold(text)).replace(_TAKEN, " "))
        self.text = _BOTH_GENDERS.sub(lambda found: found["first"] or found["last"], plain)
        self.rest = self.text

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take the first match out of what is left, and return it."""
        found = pattern.search(self.rest)
        if found:
            self.rest = f"{self.rest[: found.start()]} {_TAKEN} {self.rest[found.end() :]}"
        return found

    def consume_all(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Take every match out of what is left, in their order."""
        while found := self.take(pattern):
            yield found

    def join_alternatives(self) -> None:
        """Take the « ou » that only stands between things taken out by the same reader."""
        ties = rf"(?:[\s,/()]|(?:{'|'.join(sorted(_TIES))})\b|')*"
        pattern = re.compile(rf"\{_TAKEN}{ties}\b(?:ou|et/ou)\b{ties}\{_TAKEN}")
        while pattern.search(self.rest):
            self.rest = pattern.sub(_TAKEN, self.rest)

    def seal(self) -> None:
        """End a reader's work: alternatives between what it took and what another takes are not joined."""
        self.rest = self.rest.replace(_TAKEN, "—")

    @property
    def unread_words(self) -> set[str]:
        """The words that nobody took and that say something."""
        return set(_WORD.findall(self.rest)) - _TIES

    @property
    def is_qualified(self) -> bool:
        """Say whether what is left makes an alternative, an exception or a wish of it: no rule may then block."""
        return bool(self.unread_words & _QUALIFIERS or _UNLESS.search(self.rest))
