"""Filing window of one candidate for one offer, and the personal extensions that lengthen it.

The window ends at the latest of the offer's closing and of the candidate's own bounds: a personal extension and the due
date of an open complement request.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from offers.models import Offer
from offers.models.offer import phase_between


@dataclass(frozen=True, slots=True)
class FilingWindow:
    """From when until when one candidate may file, as `sql/stamp_filing_and_refuse_late.sql` checks it."""

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
        return max(filter(None, [self.offer.closes_at, self.extended_until])).astimezone(UTC)

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
        return max(filter(None, [self.ordinary_closes_at, self.complement_until])).astimezone(UTC)

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
        phase = phase_between(opens_at=self.offer.opens_at, closes_at=closes_at, at=at)
        return self.offer.status == Offer.Status.PUBLISHED and phase.is_open


class PersonalExtension(models.Model):
    """A later closing of one offer for one candidate, with author and reason. Append-only; the latest counts.

    Both closings are exclusive, like `Offer.closes_at`. A trigger
    (`sql/stamp_personal_extension_and_refuse_earlier.sql`) writes `at` and `closed_at_before`, ignores supplied values,
    and refuses a `closes_at` that is not later than the candidate's closing before and than now.
    """

    offer = models.ForeignKey(
        Offer, models.RESTRICT, related_name="personal_extensions", verbose_name=_("offre")
    )
    candidate = models.ForeignKey(
        User, models.RESTRICT, related_name="personal_extensions", verbose_name=_("personne candidate")
    )
    author = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("auteur"))
    reason = models.CharField(_("motif"), max_length=250)
    """Read by the candidate and by staff. Never shown to a committee, never mailed."""
    at = models.DateTimeField(_("accordé le"), db_default=TransactionNow(), editable=False)
    closed_at_before = models.DateTimeField(
        _("fermeture prévue avant"), db_default=TransactionNow(), editable=False
    )
    closes_at = models.DateTimeField(_("nouvelle fermeture"))

    class Meta:
        verbose_name = _("prolongation personnelle")
        verbose_name_plural = _("prolongations personnelles")
        default_permissions = ("add", "view")
        indexes = [
            models.Index(
                fields=["candidate", "offer"], include=["closes_at", "at"], name="extensions_of_a_person"
            ),
            models.Index(fields=["offer", "at"], name="extensions_of_an_offer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("closed_at_before")),
                name="a_personal_extension_closes_later_than_before",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_personal_extension_says_why"),
            models.CheckConstraint(
                condition=~Q(author=F("candidate")), name="nobody_extends_their_own_deadline"
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def closing(self) -> datetime:
        """`closes_at`, exclusive, in the offer's time zone, for pages."""
        return self.closes_at.astimezone(self.offer.zone)

    @property
    def closing_before(self) -> datetime:
        """`closed_at_before`, exclusive, in the offer's time zone."""
        return self.closed_at_before.astimezone(self.offer.zone)
