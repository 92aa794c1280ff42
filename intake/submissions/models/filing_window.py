"""Until when one person may file for one offer: its closing for everyone, or their own if that is later.

Their own is an extension that they were given or, of a file found incomplete, the time to answer what is asked.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from offers.models import Offer
from offers.phases import phase_between


@dataclass(frozen=True, slots=True)
class FilingWindow:
    """From when until when one person may file for `offer`.

    The database judges a filing by the same instants, on its own clock (migration `0017_complement_rules`).
    """

    offer: Offer
    extended_until: datetime | None = None
    """Exclusive: the latest instant that this person was given, if any."""
    complement_until: datetime | None = None
    """Exclusive: until when the complement that is asked of this person may be sent, if one is."""

    @property
    def is_extended(self) -> bool:
        """This person was given more time than everyone."""
        return self.extended_until is not None and self.extended_until > self.offer.closes_at

    @property
    def ordinary_closes_at(self) -> datetime:
        """The first instant (UTC) at which this person may no longer file what they will, complements aside."""
        mine = self.extended_until
        everyones = self.offer.closes_at
        return (everyones if mine is None else max(mine, everyones)).astimezone(UTC)

    @property
    def ordinary_closing(self) -> datetime:
        """Return `ordinary_closes_at`, exclusive, on the clock of the offer's zone, as pages write it."""
        return self.ordinary_closes_at.astimezone(self.offer.zone)

    @property
    def is_complement(self) -> bool:
        """A complement may be sent later than this person may file what they will."""
        return self.complement_until is not None and self.complement_until > self.ordinary_closes_at

    @property
    def is_personal(self) -> bool:
        """This person may file later than everyone, and no later than they were given."""
        return self.is_extended and not self.is_complement

    @property
    def closes_at(self) -> datetime:
        """The first instant (UTC) at which this person may no longer file."""
        asked, ordinary = self.complement_until, self.ordinary_closes_at
        return (ordinary if asked is None else max(asked, ordinary)).astimezone(UTC)

    @property
    def closing(self) -> datetime:
        """Return `closes_at`, exclusive, on the clock of the offer's zone, as pages write it."""
        return self.closes_at.astimezone(self.offer.zone)

    def is_open(self, at: datetime) -> bool:
        """Say whether this person may file at the aware instant `at`."""
        return self._is_between(self.closes_at, at)

    def is_for_complement_alone(self, at: datetime) -> bool:
        """Say whether this person may file at `at` what they are asked for, and nothing else."""
        return self.is_open(at) and not self._is_between(self.ordinary_closes_at, at)

    def _is_between(self, closes_at: datetime, at: datetime) -> bool:
        moment = phase_between(opens_at=self.offer.opens_at, closes_at=closes_at, at=at)
        return self.offer.status == Offer.Status.PUBLISHED and moment.is_open
