"""Parser of the head of the page: finds the number, the organisation and the lines with a label."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .lines import Line, squash
from .parts import MAX_NAME_LENGTH, PageUnreadableError, Point, Problem
from .sections import kind_of_known_title

_LABELS = {
    "ORGANISATION": r"(?:nom de l')?organis(?:ation|me)(?: d'accueil)?",
    "DOMAIN": r"domaines?(?: de stage| du stage| d'etudes?)?",
    "DATES": r"(?:dates?|periode|duree)(?: prevues?)? du stage(?: a temps plein)?",
    "ALLOWANCE": r"allocation(?: financiere)?(?: accordee)?",
    "PLACE": r"lieux?(?: du stage| de stage)?",
    "DEADLINE": r"date limite(?: d'inscription| pour (?:s'inscrire|postuler)| de (?:depot|reception)"
    r"(?: des candidatures| de(?: la)? candidature)?)?",
}
_LABEL = re.compile("|".join(rf"^(?P<{name}>{label}) ?:" for name, label in _LABELS.items()))
_NUMBER = re.compile(
    r"^(?:offre(?: de stage)? )?(?:n ?[0o°]|n\. ?o\.|№|numero(?: de l'offre)?|(?=\d{4}-))\.? ?:? ?"
    r"(?P<number>\d[0-9a-z]*(?: ?- ?\d[0-9a-z]*)*)(?P<rest>$| ?[-:|,] .*$)",
    re.ASCII,
)
_NUMBER_SIGN = re.compile(r"^(?:offre(?: de stage)? )?(?:n ?[0°] ?:? ?|№|numero\b)")
_MAX_NUMBER_LENGTH = 20  # characters, as the column of `Offer`
_AT = re.compile(
    r"^stages? (?:(?:aupres|au sein) (?:de l'|de la |des |du |de )|a l'|a la |aux? |chez (?:l'|la |les |le )?|a )"
)
_SHORT = re.compile(r"^(?P<name>.+?) ?\((?P<short>[^\W\d_][\w.&-]{1,39})\)$")


@dataclass(slots=True)
class Head:
    """The head of a page, by line. `labelled` maps a label to its line and to the text after the label."""

    number: str | None = None
    organisation: str = ""
    organisation_short: str = ""
    labelled: dict[str, tuple[Line, str]] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)

    def value(self, label: str) -> str:
        """Return the text after a label; empty if the label is missing, or has no text after it."""
        return self.labelled[label][1] if label in self.labelled else ""


def read_head(lines: Sequence[Line], points: list[Point]) -> tuple[Head, Sequence[Line]]:
    """Return the head of the page, with values not yet parsed except the names, and the lines after it.

    :raises PageUnreadableError: if the organisation is missing, or too long.
    """
    end = _end_of_head(lines)
    head = Head()
    names: list[Line] = []
    number_at = -1
    waiting: str | None = None
    for line in lines[:end]:
        text = squash(line.content)
        if not text:
            continue
        label = _LABEL.match(squash(line.folded))
        if waiting and not label:
            head.labelled[waiting] = (line, text)
            head.printed.append(text)
        elif label:
            _consume_label(head, str(label.lastgroup), line, text[label.end() :].strip(), points)
        elif number := _NUMBER.match(squash(line.folded)):
            rest = _consume_number(head, text, number, points)
            number_at = line.number
            if rest:
                names.append(Line(line.number, rest))
        else:
            names.append(line)
        # A line that has only a label: its value is on the next line.
        waiting = next((key for key, (at, value) in head.labelled.items() if at is line and not value), None)
    _choose_organisation(head, names, number_at, points)
    return head, lines[end:]


def _end_of_head(lines: Sequence[Line]) -> int:
    """Return the number of lines of the head: up to the last label before the first title, bullet or long paragraph."""
    end = after_names = 0
    waiting = False
    for index, line in enumerate(lines):
        text = squash(line.folded)
        if kind_of_known_title(text) is not None or line.is_bullet:
            break
        label = _LABEL.match(text)
        if label or (waiting and text):
            end = index + 1
            waiting = label is not None and label.end() == len(text)
        elif end and len(text) > MAX_NAME_LENGTH:
            break
        if text:
            after_names = index + 1
    return end or after_names


def _consume_label(head: Head, label: str, line: Line, value: str, points: list[Point]) -> None:
    known = head.labelled.get(label)
    if known is not None and squash(known[0].folded) != squash(line.folded):
        points.append(Point("HEADER_LINE_REPEATED", squash(line.content)))
        return
    head.printed.append(squash(line.content))
    if known is None:
        head.labelled[label] = (line, value)


def _consume_number(head: Head, text: str, match: re.Match[str], points: list[Point]) -> str:
    """Store the number and return the rest of its line."""
    number = re.sub(r"\s*[-‐‑‒–—−]\s*", "-", text[slice(*match.span("number"))])
    if head.number not in {None, number}:
        points.append(Point("HEADER_LINE_REPEATED", text[: match.end("number")]))
    else:
        head.printed.append(text[: match.end("number")])
    if len(number) > _MAX_NUMBER_LENGTH:
        points.append(Point("NUMBER_NOT_READ", text))
    elif head.number is None:
        head.number = number
    return re.sub(r"^[\s\-–—:|,]+", "", text[match.end("number") :])


def _choose_organisation(head: Head, names: list[Line], number_at: int, points: list[Point]) -> None:
    """Choose the organisation among the lines without a label; the other lines become points."""
    for unread in [name for name in names if _NUMBER_SIGN.match(squash(name.folded))]:
        points.append(Point("NUMBER_NOT_READ", squash(unread.content)))
        head.printed.append(squash(unread.content))
        names.remove(unread)
    named = head.labelled.get("ORGANISATION")
    chosen = None if named else _likeliest(head, names, number_at)
    line, text = chosen, squash(chosen.content) if chosen else ""
    if chosen:
        text = text[match.end() :] if (match := _AT.match(squash(chosen.folded))) else text
        head.printed.append(squash(chosen.content))
    elif named:
        line, text = named
    if line is None or not text:
        raise PageUnreadableError(Problem.MISSING, field="ORGANISATION")
    if len(text) > MAX_NAME_LENGTH:
        raise PageUnreadableError(Problem.TOO_LONG, field="ORGANISATION", line=line.number, excerpt=text[:80])
    short = _SHORT.match(text)
    if short and short["short"] == short["short"].upper():
        text, head.organisation_short = short["name"], short["short"]
    head.organisation = text[0].upper() + text[1:]
    points.extend(Point("TEXT_NOT_PLACED", squash(line.content)) for line in names if line is not chosen)


def _likeliest(head: Head, names: list[Line], number_at: int) -> Line | None:
    """Return the line with « Stage à », else the first after the number, else the last before the labels."""
    first_label = min((line.number for line, _ in head.labelled.values()), default=None)
    before = [line for line in names if first_label is None or line.number < first_label] or names
    return (
        next((line for line in before if _AT.match(squash(line.folded))), None)
        or next((line for line in before if line.number >= number_at > 0), None)
        or (before[-1] if before else None)
    )
