"""Filing window of one candidate for one offer: the latest of the offer's closing and of the candidate's own bounds.

The candidate's own bounds are a personal extension and the due date of an open complement request.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from offers.models import Offer
from offers.models.offer import phase_between


@dataclass(frozen=True, slots=True)
class FilingWindow:
    """From when until when one candidate may file for `offer`.

    A trigger checks each filing against the same instants, by the database's clock
    (`sql/stamp_filing_and_refuse_late.sql`).
    """

    offer: Offer
    extended_until: datetime | None = None
    """Exclusive: the latest personal extension, if any."""
    complement_until: datetime | None = None
    """Exclusive: due date of the open complement request, if any."""

    @property
    def is_extended(self) -> bool:
        """True if a personal extension ends after the offer's closing."""
        return self.extended_until is not None and self.extended_until > self.offer.closes_at

    @property
    def ordinary_closes_at(self) -> datetime:
        """Exclusive end, in UTC, of the period in which the candidate may file any change; ignores complements."""
        mine = self.extended_until
        everyones = self.offer.closes_at
        return (everyones if mine is None else max(mine, everyones)).astimezone(UTC)

    @property
    def ordinary_closing(self) -> datetime:
        """`ordinary_closes_at`, exclusive, in the offer's time zone, for pages."""
        return self.ordinary_closes_at.astimezone(self.offer.zone)

    @property
    def is_complement(self) -> bool:
        """True if the due date of the complement is after `ordinary_closes_at`."""
        return self.complement_until is not None and self.complement_until > self.ordinary_closes_at

    @property
    def is_personal(self) -> bool:
        """True if the window ends with a personal extension, later than the offer and than any complement."""
        return self.is_extended and not self.is_complement

    @property
    def closes_at(self) -> datetime:
        """Exclusive end of the window, in UTC."""
        asked, ordinary = self.complement_until, self.ordinary_closes_at
        return (ordinary if asked is None else max(asked, ordinary)).astimezone(UTC)

    @property
    def closing(self) -> datetime:
        """`closes_at`, exclusive, in the offer's time zone, for pages."""
        return self.closes_at.astimezone(self.offer.zone)

    def is_open(self, at: datetime) -> bool:
        """True if the candidate may file at `at` (aware): offer published and opened, window not over."""
        return self._is_between(self.closes_at, at)

    def is_for_complement_alone(self, at: datetime) -> bool:
        """True if the candidate may file at `at` (aware) only the requested complement."""
        return self.is_open(at) and not self._is_between(self.ordinary_closes_at, at)

    def _is_between(self, closes_at: datetime, at: datetime) -> bool:
        moment = phase_between(opens_at=self.offer.opens_at, closes_at=closes_at, at=at)
        return self.offer.status == Offer.Status.PUBLISHED and moment.is_open
