"""Claims: a user's lease on a file, so that two users do not act on it at once."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.submissions.models import Submission


class Claim(models.Model):
    """A lease on one file. It expires at `expires_at`; its holder may release or renew it before."""

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="claim")
    holder = models.ForeignKey(User, models.RESTRICT, related_name="claims", verbose_name=_("en main de"))
    claimed_at = models.DateTimeField(_("depuis"), db_default=TransactionNow(), editable=False)
    expires_at = models.DateTimeField(_("jusqu’à"))
    """Exclusive: from this instant any user may claim the file."""

    class Meta:
        verbose_name = _("dossier en main")
        verbose_name_plural = _("dossiers en main")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("claimed_at")), name="a_claim_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} · {self.holder_id}"
