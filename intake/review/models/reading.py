"""What a reader typed about a file and has not submitted, and the keys that they chose."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.submissions.models import Submission


class ReadingDraft(models.Model):
    """What one reader typed on the pages of one file and has not submitted. Or why they put it aside, or both.

    Only its author reads it. It is deleted once everything is submitted, and when the file is erased.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="+")
    reader = models.ForeignKey(User, models.CASCADE, related_name="+")
    fields = models.JSONField(default=dict, blank=True)
    """Text of each field as posted, by name, with the versions on which it was typed. The forms read it again."""
    aside_reason = models.CharField(_("motif de mise de côté"), max_length=200, blank=True)
    aside_at = models.DateTimeField(_("mise de côté le"), null=True, blank=True)
    saved_at = models.DateTimeField(_("enregistré le"))

    class Meta:
        verbose_name = _("lecture en cours")
        verbose_name_plural = _("lectures en cours")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["submission", "reader"], name="a_reader_has_one_draft_of_a_reading"
            ),
            models.CheckConstraint(
                condition=models.Q(aside_at__isnull=True, aside_reason="")
                | (models.Q(aside_at__isnull=False) & ~models.Q(aside_reason="")),
                name="a_file_is_put_aside_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} · {self.reader_id}"


class ReadingKeys(models.Model):
    """The keys of one reader on the reading page, where they differ from the usual ones (WCAG 2.2, 2.1.4)."""

    reader = models.OneToOneField(User, models.CASCADE, related_name="reading_keys")
    enabled = models.BooleanField(_("touches actives"), default=True)
    keys = models.JSONField(default=dict, blank=True)
    """Key (`KeyboardEvent.key`) of each action whose key the reader chose, by the action's name."""

    class Meta:
        verbose_name = _("touches de lecture")
        verbose_name_plural = _("touches de lecture")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.reader_id)
