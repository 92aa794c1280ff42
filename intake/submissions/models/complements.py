"""Complement requests: what the candidate of an incomplete file must send or correct."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from offers.models import DocumentRequest


class ComplementRequest(models.Model):
    """What one filing lacks, what its candidate may change, and until when. Only its ending is written later, once.

    While `ended_at` is null the request is open and its submission is in state COMPLEMENT_REQUESTED. Triggers
    (`sql/stamp_complement_request.sql`, `sql/keep_complement_request.sql`) write `asked_at` and `ended_at`, ignore
    supplied values, and refuse other changes.
    """

    class Ending(models.TextChoices):
        """How the request ended."""

        ANSWERED = "ANSWERED", _("Complément reçu")
        RESUMED = "RESUMED", _("Étude reprise sans complément")
        WITHDRAWN = "WITHDRAWN", _("Désistement")
        DECIDED = "DECIDED", _("Candidature déclarée non admissible")
        REPLACED = "REPLACED", _("Remplacée par une autre demande")

    submission = models.ForeignKey("Submission", models.RESTRICT, related_name="complements")
    filing = models.ForeignKey("Filing", models.RESTRICT, related_name="+")
    """The filing that was found incomplete."""
    asked_by = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("demandé par"))
    asked_at = models.DateTimeField(_("demandé le"), db_default=TransactionNow(), editable=False)
    words = models.TextField(_("ce qui manque"))
    """What is missing, why, and what to send. The candidate and staff read it; the complement's seal contains it."""
    due_at = models.DateTimeField(_("à recevoir avant"))
    """Exclusive."""
    sections = ArrayField(models.CharField(max_length=32), default=list)
    """Keys of the draft sections that may change."""
    documents = models.ManyToManyField(DocumentRequest, through="ComplementDocument", related_name="+")
    """Documents that may be replaced."""
    ended_at = models.DateTimeField(_("terminée le"), null=True, blank=True, editable=False)
    ending = models.CharField(_("fin"), max_length=9, choices=Ending, blank=True)
    answered_by = models.OneToOneField(
        "Filing", models.RESTRICT, null=True, blank=True, related_name="complement"
    )
    """The complement: the filing that answers the request."""

    class Meta:
        verbose_name = _("demande de complément")
        verbose_name_plural = _("demandes de complément")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(ended_at=None),
                name="a_submission_has_one_open_complement_request",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="a_complement_request_says_what_is_missing"),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("asked_at")), name="a_complement_request_leaves_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="", answered_by=None)
                | Q(ended_at__isnull=False, ending="ANSWERED", answered_by__isnull=False)
                | Q(
                    ended_at__isnull=False,
                    ending__in=["RESUMED", "WITHDRAWN", "DECIDED", "REPLACED"],
                    answered_by=None,
                ),
                name="a_complement_request_that_ended_says_how",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                include=["submission"],
                condition=Q(ended_at=None),
                name="open_complements_by_due_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def closing(self) -> datetime:
        """`due_at`, exclusive, in the offer's time zone, for pages."""
        return self.due_at.astimezone(self.submission.offer.zone)

    def is_over(self, at: datetime) -> bool:
        """True if `at` (aware) is at or after `due_at`.

        The candidate may still answer until `FilingWindow.closes_at`, which can be later.
        """
        return at >= self.due_at


class ComplementDocument(models.Model):
    """One document that a complement request names. Append-only, written with the request."""

    complement = models.ForeignKey(ComplementRequest, models.RESTRICT, related_name="asked_documents")
    request = models.ForeignKey(DocumentRequest, models.RESTRICT, related_name="+")

    class Meta:
        verbose_name = _("document du complément demandé")
        verbose_name_plural = _("documents du complément demandé")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["complement", "request"], name="a_complement_request_names_a_document_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.request)
