"""How much time a complement request leaves: whole days, that end at the hour at which its offer closes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings

from offers.models import Offer
from offers.services import extended_instant

MIN_TIME: Final = timedelta(hours=48)
"""Elapsed hours, whatever the clocks on the wall do: less is not time to find a document."""
_DAY: Final = timedelta(days=1)
_CLOCK_STEP: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ComplementDays:
    """Between which days, both included, a complement may be asked for, and the one that is proposed."""

    first: date
    last: date
    usual: date

    @property
    def is_possible(self) -> bool:
        """There is such a day."""
        return self.first <= self.last


def complement_days(offer: Offer, *, at: datetime, kept: datetime | None = None) -> ComplementDays:
    """Return the days that may be given, at the aware instant `at`.

    `kept` is the exclusive instant until which the candidate was told already that they have; not less is given.
    """
    least = max(at + MIN_TIME, kept) if kept is not None else at + MIN_TIME
    first = (least - _CLOCK_STEP).astimezone(offer.zone).date()
    while extended_instant(offer, first) < least:
        first += _DAY
    last = offer.starts_on - _DAY
    usual = at.astimezone(offer.zone).date() + timedelta(days=settings.COMPLEMENT_DAYS)
    return ComplementDays(first=first, last=last, usual=min(max(usual, first), last))
