"""Parser of the values in the head of the page. Values that a person must check become points."""

import re
from collections.abc import Callable
from datetime import timedelta

from .dates import ParsedDays, read_day, read_days
from .header import Head
from .lines import squash
from .money import Allowance, read_allowance
from .parts import MAX_NAME_LENGTH, Header, PageUnreadableError, Point, Problem
from .places import read_place

_MONDAY, _FRIDAY = 0, 4  # all known offers start on a Monday and end on a Friday
_MIN_DURATION, _MAX_DURATION = timedelta(weeks=12), timedelta(weeks=53)  # known offers last 26 or 39 weeks
# The time that the portal adds to each printed day; another time becomes a point.
_HOUR = re.compile(
    r"^,?(?: a)? ?23 ?h ?59(?:,? ?\(?heure (?:de l'est|du quebec|de montreal|de quebec|avancee de l'est"
    r"|normale de l'est)(?:,? \(?quebec\)?)?\)?)?\.?$"
)
_WEEKS = re.compile(r"^,? ?\(?(?:soit )?(?P<weeks>\d{1,2}) semaines\)?\.?$")


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
    found = _WEEKS.match(dates.rest)
    if not found:
        return False
    first, last = dates.days
    return round(((last - first).days + 1) / 7) == int(found["weeks"])


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
    """Return the line from which the value of a label was read."""
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
