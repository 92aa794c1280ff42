"""Personal extensions: a later deadline of one offer for one candidate."""

from datetime import datetime

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from offers.models import Offer


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
        verbose_name = _("délai personnel")
        verbose_name_plural = _("délais personnels")
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
