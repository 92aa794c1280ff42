"""Assessments of filings: marks per grid line, remarks and a comment. Weights of the grid lines. Meeting notes."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.submissions.models import Filing, Submission
from offers.models import GridLine, Offer

WEIGHT_MAX = 10
MEETING_NOTE_MAX = 4000
"""Maximum number of characters in a meeting note."""


class Mark(models.IntegerChoices):
    """A mark, from 0 to 5, with its label."""

    NONE = 0, _("Hors sujet")
    WEAK = 1, _("Faible")
    PASSABLE = 2, _("Passable")
    GOOD = 3, _("Bonne")
    VERY_GOOD = 4, _("Très bonne")
    EXCELLENT = 5, _("Excellente")


MARK_MIN = min(Mark.values)
MARK_MAX = max(Mark.values)


class Assessment(models.Model):
    """One reviewer's assessment of one submission, as filed in `filing`.

    A draft until `submitted_at`: only its author reads it, and it does not count. An assessment of a filing that was
    replaced does not count until its author submits it again.
    """

    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="assessments")
    reviewer = models.ForeignKey(
        User, models.RESTRICT, related_name="assessments", verbose_name=_("membre du comité")
    )
    filing = models.ForeignKey(Filing, models.RESTRICT, related_name="assessments")
    mark = models.PositiveSmallIntegerField(_("note"), null=True, blank=True, choices=Mark)
    """The single mark, from 0 to 5, if the offer's grid has no line. Null if it has lines, or until it is given."""
    note = models.TextField(_("commentaire"), blank=True)
    score = models.DecimalField(_("résultat"), max_digits=4, decimal_places=3, null=True, blank=True)
    """From 0 to 5: `score_of` when it was submitted or when the weights last changed. Null for a draft."""
    first_score = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True, editable=False)
    """The score as first submitted, before its author could read the other assessments."""
    version = models.PositiveIntegerField(_("version"))
    """Number of saves, from 1. A save that names an older version comes from another window and is rejected."""
    saved_at = models.DateTimeField(_("enregistrée le"))
    submitted_at = models.DateTimeField(_("remise le"), null=True, blank=True)

    class Meta:
        verbose_name = _("évaluation")
        verbose_name_plural = _("évaluations")
        # No default permission: only the author writes an assessment, on the submission's page.
        default_permissions = ()
        permissions = [("assess_submission", _("Peut noter une candidature de son comité"))]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "reviewer"], name="a_reviewer_assesses_a_submission_once"
            ),
            models.CheckConstraint(
                condition=Q(mark__isnull=True) | Q(mark__gte=MARK_MIN, mark__lte=MARK_MAX),
                name="a_mark_is_from_zero_to_five",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="an_assessment_counts_its_saves"),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, score__isnull=True, first_score__isnull=True)
                # A comparison with null is unknown, and a check passes on unknown: test for null explicitly.
                | Q(
                    submitted_at__isnull=False,
                    score__isnull=False,
                    first_score__isnull=False,
                    score__gte=MARK_MIN,
                    score__lte=MARK_MAX,
                    first_score__gte=MARK_MIN,
                    first_score__lte=MARK_MAX,
                ),
                name="a_submitted_assessment_alone_has_a_score",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} · {self.reviewer_id}"


class LineMark(models.Model):
    """The mark that an assessment gives on one grid line, and a remark."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="line_marks")
    line = models.ForeignKey(GridLine, models.RESTRICT, related_name="+")
    mark = models.PositiveSmallIntegerField(_("note"), null=True, blank=True, choices=Mark)
    """From 0 to 5; null until it is given."""
    remark = models.CharField(_("remarque"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("note d’une ligne")
        verbose_name_plural = _("notes par ligne")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["assessment", "line"], name="an_assessment_marks_a_line_once"),
            models.CheckConstraint(
                condition=Q(mark__isnull=True) | Q(mark__gte=MARK_MIN, mark__lte=MARK_MAX),
                name="a_line_mark_is_from_zero_to_five",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} · {self.line_id}"


class LineWeight(models.Model):
    """Weight of one grid line in the score, from 0 (displayed, not counted) to 10.

    A line without a row has the weight in `DEFAULT_WEIGHTS` for its requirement.
    """

    line = models.OneToOneField(GridLine, models.CASCADE, related_name="weight")
    weight = models.PositiveSmallIntegerField(_("pondération"))

    class Meta:
        verbose_name = _("pondération")
        verbose_name_plural = _("pondérations")
        default_permissions = ("change",)
        constraints = [
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=WEIGHT_MAX), name="a_weight_is_from_zero_to_ten"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} × {self.weight}"


class MeetingNote(models.Model):
    """One note on the ranking of an offer's submissions, for deciders. Append-only: a later note corrects it.

    It stays when the candidates are anonymised, because it names files by their number.
    """

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="meeting_notes", verbose_name=_("offre"))
    text = models.TextField(_("note"))
    author = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("par"))
    at = models.DateTimeField(_("date et heure"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("observation de réunion")
        verbose_name_plural = _("observations de réunion")
        # No permission of its own: `decide_submission` gives access to the notes.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_meeting_note_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} · {self.at:%Y-%m-%d}"
