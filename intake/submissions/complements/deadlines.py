"""Days on which a complement request may end. A due day ends at the hour at which the offer closes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings

from offers.models import Offer
from offers.services.lifecycle import extended_instant

MIN_TIME: Final = timedelta(hours=48)
"""Minimum time to find a document: elapsed hours, whatever changes of daylight saving time."""
_DAY: Final = timedelta(days=1)
_CLOCK_STEP: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ComplementDays:
    """First and last day, both inclusive, on which a complement may be due, and the default day."""

    first: date
    last: date
    usual: date

    @property
    def is_possible(self) -> bool:
        """True if at least one day is possible."""
        return self.first <= self.last


def complement_days(offer: Offer, *, at: datetime, kept: datetime | None = None) -> ComplementDays:
    """Return the possible due days at `at` (aware).

    `kept`: exclusive due date that the candidate already has, if any; a day that ends earlier is not possible.
    """
    least = max(at + MIN_TIME, kept) if kept is not None else at + MIN_TIME
    first = (least - _CLOCK_STEP).astimezone(offer.zone).date()
    while extended_instant(offer, first) < least:
        first += _DAY
    last = offer.starts_on - _DAY
    usual = at.astimezone(offer.zone).date() + timedelta(days=settings.COMPLEMENT_DAYS)
    return ComplementDays(first=first, last=last, usual=min(max(usual, first), last))
