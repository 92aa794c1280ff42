"""The closings of offers as a calendar (RFC 5545), for the reader's own agenda. Pure: rows in, bytes out.

An event and not a task (VTODO): several agendas show only events. It is the last minute before the closing, in UTC, so
that no time zone definition is needed. It does not mark its owner as busy, and has alarms 7 days and 1 day before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from .models import Offer

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Portail des stages//Dates limites//FR"
WARNINGS = (timedelta(days=7), timedelta(days=1))  # before the last minute
REFRESHED_EVERY = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The closing of one offer, with the texts of its event.

    `changed_at` is the instant of the last change of the content, `revision` the number of such changes.
    """

    offer: Offer
    summary: str
    description: str
    url: str
    changed_at: datetime
    revision: int


def deadlines_calendar(deadlines: Iterable[Deadline], *, name: str) -> bytes:
    """Return the calendar of `deadlines`, called `name`; the same rows give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", _one_line(name))
    calendar.add("x-wr-calname", _one_line(name))  # for agendas that do not read NAME (RFC 7986)
    calendar.add("refresh-interval", REFRESHED_EVERY, parameters={"VALUE": "DURATION"})
    for deadline in deadlines:
        calendar.add_component(_event(deadline))
    return bytes(calendar.to_ical())


def _event(deadline: Deadline) -> Event:
    offer = deadline.offer
    ends_at = offer.closes_at.astimezone(UTC)
    event = Event()
    event.add("uid", str(offer.public_id))
    # Without METHOD, DTSTAMP is the instant of the last revision: RFC 5545, section 3.8.7.2.
    event.add("dtstamp", deadline.changed_at.astimezone(UTC))
    event.add("last-modified", deadline.changed_at.astimezone(UTC))
    event.add("sequence", deadline.revision)
    event.add("dtstart", (ends_at - timedelta(microseconds=1)).replace(second=0, microsecond=0))
    event.add("dtend", ends_at)
    summary = _one_line(deadline.summary)
    event.add("summary", summary)
    event.add("description", "\n".join(deadline.description.splitlines()))
    event.add("url", deadline.url)
    event.add("status", "CANCELLED" if offer.status == Offer.Status.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if offer.status != Offer.Status.CANCELLED:
        for before in WARNINGS:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("trigger", -before)
            alarm.add("description", summary)
            event.add_component(alarm)
    return event


def _one_line(text: str) -> str:
    """Replace each line break in a name: it would end the calendar's own line."""
    return " ".join(text.split())
