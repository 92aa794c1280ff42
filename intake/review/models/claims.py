"""Who has a file in hand just now, so that two people never work on one without knowing it."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.submissions.models import Submission


class Claim(models.Model):
    """A lease on one file, for a while: it ends by itself, and its holder may give it back or renew it."""

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="claim")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="claims", verbose_name=_("en main de")
    )
    claimed_at = models.DateTimeField(_("depuis"), db_default=TransactionNow(), editable=False)
    expires_at = models.DateTimeField(_("jusqu’à"))
    """Aware instant, exclusive: from then on anybody may take the file."""

    class Meta:
        verbose_name = _("dossier en main")
        verbose_name_plural = _("dossiers en main")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("claimed_at")), name="a_claim_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} · {self.holder_id}"
