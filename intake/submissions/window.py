"""Until when one person may file for one offer: its closing for everyone, or their own if that is later."""

from dataclasses import dataclass
from datetime import UTC, datetime

from offers.models import Offer
from offers.moments import moment_between


@dataclass(frozen=True, slots=True)
class FilingWindow:
    """From when until when one person may file for `offer`.

    The database judges a filing by the same two instants, on its own clock (migration `0010_personal_extensions`).
    """

    offer: Offer
    extended_until: datetime | None = None
    """Exclusive: the latest instant that this person was given, if any."""

    @property
    def is_personal(self) -> bool:
        """This person may file later than everyone."""
        return self.extended_until is not None and self.extended_until > self.offer.closes_at

    @property
    def closes_at(self) -> datetime:
        """The first instant (UTC) at which this person may no longer file."""
        mine = self.extended_until
        everyones = self.offer.closes_at
        return (everyones if mine is None else max(mine, everyones)).astimezone(UTC)

    @property
    def closing(self) -> datetime:
        """Return `closes_at`, exclusive, on the clock of the offer's zone, as pages write it."""
        return self.closes_at.astimezone(self.offer.zone)

    def is_open(self, at: datetime) -> bool:
        """Say whether this person may file at the aware instant `at`."""
        moment = moment_between(opens_at=self.offer.opens_at, closes_at=self.closes_at, at=at)
        return self.offer.status == Offer.Status.PUBLISHED and moment.is_open
