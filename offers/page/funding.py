"""Parser of the sentence that names the funder of the stage."""

import re

from .lines import fold, squash
from .parts import MAX_NAME_LENGTH, Point

_HOW = r"(?:entierement|en totalite|en partie|partiellement|conjointement)"
_FUNDED = re.compile(
    rf"\b(?:(?:ce|le|ces) stages? (?:est|sont|sera)(?P<how> {_HOW})? finances?(?P<how_too> {_HOW})? par"
    r"|(?:ce|le) stage est offert grace au (?:soutien|appui)(?: financier)? (?:de|du|des)"
    r"|le financement de ce stage (?:est|provient)(?: assure)? (?:par|de))"
    r" (?:(?:les|le|la) |l')?(?P<funder>[^.;]+)\.?$"
)
_MAX_SENTENCE_LENGTH = 500  # characters
_ABOUT_FUNDING = re.compile(r"\b(?:ce|le) stage\b.*\bfinanc|\bfinancement d[eu] (?:ce |le )?stage\b")


def read_funder(sentences: list[str], points: list[Point]) -> tuple[str, str]:
    """Return the funder, and the sentence that only names it; empty texts if there is none.

    A sentence about funding that is not understood, or names a second funder, becomes a point.
    """
    funder = alone = ""
    for sentence in sentences:
        if len(sentence) > _MAX_SENTENCE_LENGTH:
            continue
        text = squash(sentence)
        folded = fold(text)
        found = _FUNDED.search(folded)
        name = text[slice(*found.span("funder"))].strip() if found else ""
        if found and len(name) <= MAX_NAME_LENGTH and funder in {"", name}:
            funder = name
            if found.start() == 0 and not (found["how"] or found["how_too"] or alone):
                alone = sentence
        elif found or _ABOUT_FUNDING.search(folded):
            points.append(Point("FUNDER_NOT_READ", text))
    return funder, alone
