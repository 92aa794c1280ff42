"""Where an offer stands at an instant, and how long is left. No clock is read here."""

from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

CLOSING_SOON = timedelta(
    hours=48
)  # SCREENS: « Ferme bientôt » in the last 48 hours, its first second excluded


class OfferPhase(models.TextChoices):
    """What a reader needs to know of an offer at an instant."""

    UPCOMING = "UPCOMING", _("À venir")
    OPEN = "OPEN", _("Ouverte")
    CLOSING_SOON = "CLOSING_SOON", _("Ferme bientôt")
    CLOSED = "CLOSED", _("Fermée")
    CANCELLED = "CANCELLED", _("Annulée")

    @property
    def is_open(self) -> bool:
        """Say whether a published offer takes candidatures at this moment."""
        return self in {OfferPhase.OPEN, OfferPhase.CLOSING_SOON}


def phase_between(*, opens_at: datetime, closes_at: datetime, at: datetime) -> OfferPhase:
    """Return the moment of an offer open from `opens_at` included to `closes_at` excluded, all aware.

    CLOSING_SOON is less than 48 elapsed hours before closing, whatever the clocks on the wall do.
    """
    # Python subtracts and compares two instants of one zone by their wall clocks: only UTC counts the hours.
    opens_at, closes_at, at = opens_at.astimezone(UTC), closes_at.astimezone(UTC), at.astimezone(UTC)
    if at < opens_at:
        return OfferPhase.UPCOMING
    if at >= closes_at:
        return OfferPhase.CLOSED
    return OfferPhase.CLOSING_SOON if closes_at - at < CLOSING_SOON else OfferPhase.OPEN
