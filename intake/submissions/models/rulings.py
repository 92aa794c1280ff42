"""Rulings: a person's decisions on findings of a filing."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User

from .filings import Filing


class Ruling(models.Model):
    """A person's decision on one finding that the rules refuse. Append-only; the latest counts.

    The candidate reads the reason.
    """

    class Decision(models.TextChoices):
        """What the person decided about the finding."""

        CONFIRMED = "CONFIRMED", _("Confirmé")
        OVERTURNED = "OVERTURNED", _("Infirmé")

    filing = models.ForeignKey(Filing, models.RESTRICT, related_name="rulings")
    position = models.PositiveSmallIntegerField(_("rang"))
    """Position of the finding in the sealed verdict, from 0."""
    kind = models.CharField(_("critère"), max_length=16)
    decision = models.CharField(_("jugement"), max_length=10, choices=Decision)
    reason = models.TextField(_("motif"))
    turn = models.PositiveSmallIntegerField(default=1)
    """Human review of which the ruling is part, from 1. After JUDGE_AGAIN, each finding waits for a new ruling."""
    actor = models.ForeignKey(User, models.RESTRICT, related_name="+")
    at = models.DateTimeField(db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("jugement d’une personne")
        verbose_name_plural = _("jugements de personnes")
        indexes = [models.Index(fields=["filing", "position"], name="rulings_of_a_filing")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=["CONFIRMED", "OVERTURNED"]), name="ruling_decision_is_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="ruling_says_why"),
            models.CheckConstraint(condition=Q(turn__gte=1), name="reviews_are_counted_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.decision}"
