"""Anonymous reviews: which committees read without names, and when."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from offers.models import Offer


class BlindReading(models.Model):
    """A period in which the committee of an offer reads and marks without names. Never deleted."""

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="blind_readings", verbose_name=_("offre"))
    begun_by = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("demandée par"))
    begun_at = models.DateTimeField(_("depuis le"), db_default=TransactionNow(), editable=False)
    ended_by = models.ForeignKey(
        User, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("levée par")
    )
    ended_at = models.DateTimeField(_("levée le"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("lecture à l’aveugle")
        verbose_name_plural = _("lectures à l’aveugle")
        default_permissions = ()
        permissions = [("set_blind_reading", _("Peut demander ou lever la lecture à l’aveugle d’une offre"))]
        constraints = [
            models.UniqueConstraint(
                fields=["offer"],
                condition=Q(ended_at__isnull=True),
                name="an_offer_is_read_blind_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="a_blind_reading_that_ended_says_who_ended_it",
            ),
        ]

    def __str__(self) -> str:
        return str(self.offer)
