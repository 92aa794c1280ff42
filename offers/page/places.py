"""Parser of the place of the stage, and of whether remote work is possible."""

import re
from dataclasses import dataclass

from .lines import fold, squash

_REMOTE = re.compile(r"\bteletravail\b|\ba distance\b|\bhybride\b|\bvirtuel(?:lement)?\b|\bdistanciel\b")
_REFUSED = re.compile(r"\b(?:sans|pas|aucun|non|impossible|exclu)\b")
_CONDITION = re.compile(
    r"\b(?:selon|suivant) (?:l'evolution de )?(?:la |le )?(?:situation|contexte) sanitaire"
    r"|\bsi la situation sanitaire (?:le permet|l'exige)"
)
_AROUND = {
    *("teletravail", "presentiel", "presence", "hybride", "mode", "distance", "virtuel", "virtuellement"),
    *("distanciel", "en", "a", "au", "ou", "et", "avec", "possible", "possibilite", "de", "partiel", "stage"),
}
_WORD = re.compile(r"[^\s()\[\],;:/-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """The place, whether remote work is possible, and whether the complete text was understood."""

    name: str
    remote_possible: bool
    is_understood: bool


def read_place(printed: str) -> Place:
    """Read `Paris, France`, with or without words about remote work, which are not part of the place."""
    text = squash(printed)
    folded = fold(text)
    if not _REMOTE.search(folded) and not re.search(r"\bpresentiel\b", folded):
        return Place(text, remote_possible=False, is_understood=True)
    if _REFUSED.search(folded):
        return Place(text, remote_possible=False, is_understood=False)
    remote = bool(_REMOTE.search(folded))
    # Replaced by spaces, not removed: positions in both texts stay equal.
    folded = _CONDITION.sub(lambda found: " " * len(found[0]), folded)
    words = list(_WORD.finditer(folded))
    while words and words[0][0] in _AROUND:
        words.pop(0)
    while words and words[-1][0] in _AROUND:
        words.pop()
    if not words:
        return Place(text, remote_possible=remote, is_understood=True)
    name = text[words[0].start() : words[-1].end()]
    inside = folded[words[0].start() : words[-1].end()]
    if _REMOTE.search(inside) or "(" in inside or len(inside.split()) != len(name.split()):
        return Place(text, remote_possible=remote, is_understood=False)
    return Place(name, remote_possible=remote, is_understood=True)
