"""What the committee said of the order, as its meetings went."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from offers.models import Offer

MEETING_NOTE_MAX = 4000
"""Characters that a note may have."""


class MeetingNote(models.Model):
    """One note on the ranking of an offer's candidatures, for those who decide. Append-only: a note corrects another.

    It stays once the people it is about are anonymised: it names files by their number.
    """

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="meeting_notes", verbose_name=_("offre"))
    text = models.TextField(_("note"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+", verbose_name=_("par")
    )
    at = models.DateTimeField(_("instant"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("note de réunion")
        verbose_name_plural = _("notes de réunion")
        # Whoever decides on the candidatures reads and writes them.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_meeting_note_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} · {self.at:%Y-%m-%d}"
