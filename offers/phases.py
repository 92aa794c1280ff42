"""The phase of an offer at an instant. No clock is read here."""

from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

CLOSING_SOON = timedelta(
    hours=48
)  # less than 48 elapsed hours, 48 excluded: `docs/rules.md#opening-and-closing-soon`


class OfferPhase(models.TextChoices):
    """Phase of a published offer at an instant, computed and never stored."""

    UPCOMING = "UPCOMING", _("À venir")
    OPEN = "OPEN", _("Ouverte")
    CLOSING_SOON = "CLOSING_SOON", _("Ferme bientôt")
    CLOSED = "CLOSED", _("Fermée")
    CANCELLED = "CANCELLED", _("Annulée")

    @property
    def is_open(self) -> bool:
        """True if a published offer can be applied to in this phase."""
        return self in {OfferPhase.OPEN, OfferPhase.CLOSING_SOON}


def phase_between(*, opens_at: datetime, closes_at: datetime, at: datetime) -> OfferPhase:
    """Return the phase at `at` of an offer open from `opens_at` (inclusive) to `closes_at` (exclusive), all aware.

    CLOSING_SOON is less than 48 elapsed hours before closing, also across a change to or from daylight saving time.
    """
    # Python subtracts and compares two instants of one zone in local time: only UTC gives elapsed hours.
    opens_at, closes_at, at = opens_at.astimezone(UTC), closes_at.astimezone(UTC), at.astimezone(UTC)
    if at < opens_at:
        return OfferPhase.UPCOMING
    if at >= closes_at:
        return OfferPhase.CLOSED
    return OfferPhase.CLOSING_SOON if closes_at - at < CLOSING_SOON else OfferPhase.OPEN
