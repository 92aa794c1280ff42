"""Meeting notes: what a committee said about the ranking."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from offers.models import Offer

MEETING_NOTE_MAX = 4000
"""Maximum number of characters in a note."""


class MeetingNote(models.Model):
    """One note on the ranking of an offer's submissions, for deciders. Append-only: a later note corrects it.

    It stays when the candidates are anonymised, because it names files by their number.
    """

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="meeting_notes", verbose_name=_("offre"))
    text = models.TextField(_("note"))
    author = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("par"))
    at = models.DateTimeField(_("instant"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("note de réunion")
        verbose_name_plural = _("notes de réunion")
        # No permission of its own: `decide_submission` gives access to the notes.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_meeting_note_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} · {self.at:%Y-%m-%d}"
