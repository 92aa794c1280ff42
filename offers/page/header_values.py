"""Parser of the values in the head of the page. Values that a person must check become points."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from .dates import ParsedDays, read_day, read_days
from .header import Head
from .lines import fold, squash
from .parts import MAX_NAME_LENGTH, Header, PageUnreadableError, Point, Problem

_MONDAY, _FRIDAY = 0, 4  # all known offers start on a Monday and end on a Friday
_MIN_DURATION, _MAX_DURATION = timedelta(weeks=12), timedelta(weeks=53)  # known offers last 26 or 39 weeks
# The time that the portal adds to each printed day; another time becomes a point.
_HOUR = re.compile(
    r"^,?(?: a)? ?23 ?h ?59(?:,? ?\(?heure (?:de l'est|du quebec|de montreal|de quebec|avancee de l'est"
    r"|normale de l'est)(?:,? \(?quebec\)?)?\)?)?\.?$"
)
_WEEKS = re.compile(r"^,? ?\(?(?:soit )?(?P<weeks>\d{1,2}) semaines\)?\.?$")
_AMOUNT = r"\d{1,3}(?:[ .]\d{3})+(?:,\d{2})?|\d+(?:,\d{2})?"
_CURRENCY = (
    r"\$ ?(?:canadiens|cad|can|ca|americains|usd|us)?|cad|usd|eur(?:os?)?|€|chf|francs suisses"
    r"|dollars(?: canadiens| americains)?"
)
_ALLOWANCE = re.compile(
    rf"^(?:de |entre |du )?(?P<least>{_AMOUNT}) ?(?P<first>{_CURRENCY})?"
    rf"(?: ?(?:a|et|-|jusqu'a) ?(?P<most>{_AMOUNT}) ?(?P<second>{_CURRENCY}))?(?![a-z])(?P<rest>.*)$",
    re.ASCII,
)
_ALONE = re.compile(rf"^(?P<least>{_AMOUNT}) ?(?P<first>{_CURRENCY})(?P<rest>.*)$", re.ASCII)
_AMOUNT_LIMIT = Decimal(10) ** 7  # exclusive; limit of the column
_REMOTE = re.compile(r"\bteletravail\b|\ba distance\b|\bhybride\b|\bvirtuel(?:lement)?\b|\bdistanciel\b")
_NOT_REMOTE = re.compile(r"\b(?:sans|pas|aucun|non|impossible|exclu)\b")
_HEALTH_CONDITION = re.compile(
    r"\b(?:selon|suivant) (?:l'evolution de )?(?:la |le )?(?:situation|contexte) sanitaire"
    r"|\bsi la situation sanitaire (?:le permet|l'exige)"
)
_REMOTE_WORDS = {
    *("teletravail", "presentiel", "presence", "hybride", "mode", "distance", "virtuel", "virtuellement"),
    *("distanciel", "en", "a", "au", "ou", "et", "avec", "possible", "possibilite", "de", "partiel", "stage"),
}
_WORD = re.compile(r"[^\s()\[\],;:/-]+")


@dataclass(frozen=True, slots=True)
class Allowance:
    """From `least` to `most`, both inclusive, in `currency` (ISO 4217); `rest` is the unread text."""

    least: Decimal
    most: Decimal
    currency: str
    rest: str


@dataclass(frozen=True, slots=True)
class Place:
    """The place, whether remote work is possible, and whether the complete text was understood."""

    name: str
    remote_possible: bool
    is_understood: bool


def read_header_values(head: Head, points: list[Point]) -> Header:
    """Return the facts of the head.

    :raises PageUnreadableError: if the dates or the deadline are missing, or cannot be read.
    """
    dates = _days(head, "DATES", read_days)
    deadline = _days(head, "DEADLINE", read_day)
    (starts_on, ends_on), (closes_on,) = dates.days, deadline.days
    if dates.rest.strip(" .") and not _says_the_length(dates):
        _partly(head, "DATES", points)
    if deadline.rest.strip(" .") and not _HOUR.match(deadline.rest):
        _partly(head, "DEADLINE", points)
    domain, place = _name(head, "DOMAIN", points), read_place(_name(head, "PLACE", points))
    if not place.is_understood:
        _partly(head, "PLACE", points)
    allowance = _allowance(head, points)
    header = Header(
        number=head.number,
        organisation=head.organisation,
        organisation_short=head.organisation_short,
        domain=domain,
        starts_on=starts_on,
        ends_on=ends_on,
        allowance_min=allowance.least if allowance else None,
        allowance_max=allowance.most if allowance else None,
        currency=allowance.currency if allowance else "CAD",
        place=place.name,
        remote_possible=place.remote_possible,
        closes_on=closes_on,
        printed=tuple(head.printed),
    )
    points.extend(_unlikely_dates(head, header, dates, deadline))
    return header


def _days(head: Head, field: str, read: Callable[..., ParsedDays]) -> ParsedDays:
    if field not in head.labelled:
        raise PageUnreadableError(Problem.MISSING, field=field)
    line, printed = head.labelled[field]
    if not printed:
        raise PageUnreadableError(Problem.MISSING, field=field, line=line.number)
    return read(printed, field=field, line=line.number)


def _says_the_length(dates: ParsedDays) -> bool:
    match = _WEEKS.match(dates.rest)
    first, last = dates.days
    return match is not None and round(((last - first).days + 1) / 7) == int(match["weeks"])


def _name(head: Head, field: str, points: list[Point]) -> str:
    """Return an optional name. A name that is missing or too long becomes a point."""
    printed = head.value(field)
    if not printed:
        points.append(Point(f"{field}_MISSING"))
    elif len(printed) > MAX_NAME_LENGTH:
        _partly(head, field, points)
        return ""
    return printed


def _allowance(head: Head, points: list[Point]) -> Allowance | None:
    printed = head.value("ALLOWANCE")
    if not printed:
        points.append(Point("ALLOWANCE_MISSING"))
        return None
    allowance = read_allowance(printed)
    if allowance is None:
        points.append(Point("ALLOWANCE_NOT_READ", _line(head, "ALLOWANCE")))
    elif allowance.rest.strip(" ."):
        _partly(head, "ALLOWANCE", points)
    return allowance


def _partly(head: Head, field: str, points: list[Point]) -> None:
    points.append(Point("HEADER_LINE_PARTLY_READ", _line(head, field)))


def _line(head: Head, field: str) -> str:
    return squash(head.labelled[field][0].content)


def _unlikely_dates(head: Head, header: Header, dates: ParsedDays, deadline: ParsedDays) -> list[Point]:
    """Return points about dates that are unusual for this programme: a typing error is likelier than a choice."""
    length = header.ends_on - header.starts_on
    doubts = {
        ("WEEKDAY_DIFFERS", "DATES"): dates.weekday_differs,
        ("WEEKDAY_DIFFERS", "DEADLINE"): deadline.weekday_differs,
        ("START_NOT_MONDAY", "DATES"): header.starts_on.weekday() != _MONDAY,
        ("END_NOT_FRIDAY", "DATES"): header.ends_on.weekday() != _FRIDAY,
        ("LENGTH_UNUSUAL", "DATES"): not _MIN_DURATION <= length <= _MAX_DURATION,
        ("DEADLINE_AFTER_START", "DEADLINE"): header.closes_on >= header.starts_on,
    }
    return [Point(code, _line(head, field)) for (code, field), doubtful in doubts.items() if doubtful]


def read_allowance(printed: str) -> Allowance | None:
    """Return the allowance; None unless it is one or two amounts in one currency, the lower one first."""
    text = squash(fold(printed))
    match = _ALLOWANCE.match(text)
    if match is None or match["most"] is None:
        match = _ALONE.match(text)
    if match is None:
        return None
    groups = match.groupdict()
    least = _amount(groups["least"])
    most = _amount(groups.get("most") or groups["least"])
    last = groups.get("second") or groups["first"]
    # A plain « $ » next to « $ CA » is the same currency.
    currencies = {_code(name) for name in (groups["first"] or last, last)}
    if len(currencies) > 1 or least > most or most >= _AMOUNT_LIMIT:
        return None
    return Allowance(least, most, currencies.pop(), groups["rest"])


def _amount(printed: str) -> Decimal:
    return Decimal(re.sub(r"[ .]", "", printed).replace(",", "."))


def _code(currency: str) -> str:
    words = currency.replace("$", " ").split()
    if "€" in currency or any(word.startswith("eur") for word in words):
        return "EUR"
    if {"chf", "francs"} & set(words):
        return "CHF"
    return "USD" if {"us", "usd", "americains"} & set(words) else "CAD"


def read_place(printed: str) -> Place:
    """Read `Paris, France`, with or without words about remote work, which are not part of the place."""
    text = squash(printed)
    folded = fold(text)
    if not _REMOTE.search(folded) and not re.search(r"\bpresentiel\b", folded):
        return Place(text, remote_possible=False, is_understood=True)
    if _NOT_REMOTE.search(folded):
        return Place(text, remote_possible=False, is_understood=False)
    remote = bool(_REMOTE.search(folded))
    # Replaced by spaces, not removed: positions in both texts stay equal.
    folded = _HEALTH_CONDITION.sub(lambda match: " " * len(match[0]), folded)
    words = list(_WORD.finditer(folded))
    while words and words[0][0] in _REMOTE_WORDS:
        words.pop(0)
    while words and words[-1][0] in _REMOTE_WORDS:
        words.pop()
    if not words:
        return Place(text, remote_possible=remote, is_understood=True)
    name = text[words[0].start() : words[-1].end()]
    inside = folded[words[0].start() : words[-1].end()]
    if _REMOTE.search(inside) or "(" in inside or len(inside.split()) != len(name.split()):
        return Place(text, remote_possible=remote, is_understood=False)
    return Place(name, remote_possible=remote, is_understood=True)
