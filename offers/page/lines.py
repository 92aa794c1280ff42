"""The lines and sentences of a text: artefacts removed or rejected, typography folded, boilerplate recognised."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from offers.blocks import BULLET

from .parts import PageUnreadableError, Problem

_ROW = re.compile(r"\r\n|\r|\n")
# Characters without width or meaning: byte order mark, zero-width space and joiners, word joiner, soft hyphen.
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
_BULLET = re.compile(r"^(?:[•▪◦‣●○■□·∙➢►*]\s*|[-–—]\s+|o\t\s*)(?=\S)")
_NUMBERED = re.compile(r"^(?:\d{1,2}|[a-z])[.)]\s+(?=\S)")
# UTF-8 that was decoded as Windows-1252 or Latin-1: « é » became two characters.
_MOJIBAKE = re.compile(r"Ã[\u0080-\u00bf]|Ã[ƒ‚€‰ˆŠ‡©¨ª«§´®¹»]|â€[™œ\u009d“”¦¢]|Â[°« »\u00a0]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÖØ-Þ«])")
# The number or letter in front of an item: `1.`, `a)`.
_ITEM_MARK = re.compile(r"^(?:\d{1,2}|[a-z])[.)]\s+", re.IGNORECASE)
# Boilerplate of the site around the offer. Each text is listed, so that no text of an offer is removed.
_BOILERPLATE_TEXTS = (
    r"logo du gouvernement du quebec\.?",
    r"bouton pour ouvrir ou fermer la recherche\.?",
    r"(?:passer au|aller au) contenu(?: principal)?\.?",
    r"(?:retour|retourner) (?:en haut(?: de (?:la )?page)?|a la liste(?: des offres)?|a l'accueil)\.?",
    r"haut de (?:la )?page",
    r"(?:derniere )?mise a jour ?: ?(?:le )?(?:\d{1,2}(?:er)? [a-z]+ \d{4}|\d{4}-\d{2}-\d{2})\.?",
    r"(?:imprimer|partager)(?: (?:la|cette) page)?",
    r"(?:accessibilite|acces a l'information|politique de confidentialite|english|menu|rechercher)",
    r"© ?gouvernement du quebec,? ?(?:\d{4})?",
    r"offres? de stages?",
    r"stages en organisations internationales gouvernementales",
)
_BOILERPLATE = re.compile(rf"(?:{'|'.join(_BOILERPLATE_TEXTS)})(?: (?:{'|'.join(_BOILERPLATE_TEXTS)}))*")
_MAX_BOILERPLATE_LENGTH = 500  # characters
# A breadcrumb. Its steps have no digits, so that it never matches an offer's number or day.
_BREADCRUMB = re.compile(r"accueil(?: ?[/>›»] ?[^\d/>›»:.]{1,80})+")


class _Folding(dict[int, str]):
    """Maps one character to one character, so that a position in the folded text is valid in the text."""

    _SAME = {"’": "'", "‘": "'", "ʼ": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-"}

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        parts = unicodedata.normalize("NFKD", letter)
        without_accents = "".join(part for part in parts if not unicodedata.combining(part))
        plain = self._SAME.get(letter) or without_accents.lower()
        # NFKD makes a spacing accent a space, which `squash` would remove from one of the two texts only.
        is_like_it = len(plain) == 1 and plain.isspace() == letter.isspace()
        self[code] = plain if is_like_it else letter
        return self[code]


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return `text` without accents or case, with one form of apostrophe, dash and space, and of equal length."""
    return text.translate(_FOLDING)


def squash(text: str) -> str:
    """Return `text` with each run of whitespace replaced by one space, and none at either end."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Line:
    """One line of the page: its number, counted from 1, and its text without invisible characters."""

    number: int
    text: str

    @cached_property
    def content(self) -> str:
        """The text of the line without surrounding whitespace."""
        return self.text.strip()

    @cached_property
    def folded(self) -> str:
        """The content of the line, folded."""
        return fold(self.content)

    @cached_property
    def is_bullet(self) -> bool:
        """True if the line begins an item of a list."""
        return bool(_BULLET.match(self.content) or _NUMBERED.match(self.content))

    @property
    def with_bullet(self) -> str:
        """The line with the bullet that `offers.blocks` reads, in front of its number if it has one."""
        indent = self.text[: len(self.text) - len(self.text.lstrip())]
        content = self.content if _NUMBERED.match(self.content) else _BULLET.sub("", self.content)
        return f"{indent}{BULLET} {content}"


def split_lines(text: str) -> tuple[Line, ...]:
    """Return the lines of `text`, in NFC.

    :raises PageUnreadableError: EMPTY; CONTROL_CHARACTER or MOJIBAKE, with their line: the text was damaged before the
        import, and a repair by guessing would change names and figures.
    """
    if not text.translate(_INVISIBLE).strip():
        raise PageUnreadableError(Problem.EMPTY)
    return tuple(_lines(unicodedata.normalize("NFC", text.translate(_INVISIBLE))))


def _lines(text: str) -> Iterator[Line]:
    for number, row in enumerate(_ROW.split(text), start=1):
        for piece in row.splitlines() or [""]:
            if any(unicodedata.category(letter) in {"Cc", "Cs"} and not letter.isspace() for letter in piece):
                raise PageUnreadableError(Problem.CONTROL_CHARACTER, line=number)
            if _MOJIBAKE.search(piece):
                raise PageUnreadableError(Problem.MOJIBAKE, line=number, excerpt=squash(piece))
            yield Line(number, piece.rstrip())


def is_boilerplate(folded: str) -> bool:
    """True if a folded and squashed line is text of the site and not of the offer."""
    if len(folded) > _MAX_BOILERPLATE_LENGTH:
        return False
    return bool(_BOILERPLATE.fullmatch(folded) or _BREADCRUMB.fullmatch(folded))


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a paragraph or an item, without the number at the start of an item."""
    return _SENTENCE_END.split(_ITEM_MARK.sub("", text))
