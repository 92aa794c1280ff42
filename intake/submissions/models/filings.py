"""Filings, append-only: seal, documents, verdict, receipt, review request and rulings."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.base.folding import FoldedField, folded
from intake.documents.models import Upload
from intake.dossiers.models import Seal
from offers.models import DocumentRequest, RulebookVersion

from .arrivals import Arrival
from .drafts import Draft
from .submissions import Submission

_LATER: Final = timedelta(minutes=1)


class Filing(models.Model):
    """One sealed filing. Append-only.

    `received_at` is the instant of the arrival that waits for the draft, or else the database's
    `transaction_timestamp()`. It is written by a trigger that ignores any supplied value and refuses an instant outside
    the offer's dates; a second, deferred trigger refuses a commit later than 60 s after closing (15 min after
    the arrival that it files) and one without a receipt and a verdict (`intake/submissions/sql/`).

    The first trigger also writes `arrival`, `transaction` and `cluster`. With the last two, the identifiers of the
    transaction and of the PostgreSQL cluster, the server that wrote the row can return its commit timestamp. Null in
    filings stored before the trigger wrote them.
    """

    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="filings")
    sequence = models.PositiveSmallIntegerField(_("rang"))
    """From 1 for the first filing of the submission; each replacement has the next number."""
    draft = models.OneToOneField(Draft, models.RESTRICT, related_name="filing")
    seal = models.OneToOneField(Seal, models.RESTRICT, related_name="filing")
    replaces = models.OneToOneField(
        "self", models.RESTRICT, null=True, blank=True, related_name="replaced_by"
    )
    arrival = models.OneToOneField(Arrival, models.RESTRICT, null=True, editable=False, related_name="filing")
    """None if the draft was filed at once, by a command or in a filing older than arrivals."""
    received_at = models.DateTimeField(_("reçue le"), db_default=TransactionNow(), editable=False)
    transaction = models.BigIntegerField(_("transaction"), null=True, editable=False)
    cluster = models.BigIntegerField(_("grappe"), null=True, editable=False)

    class Meta:
        verbose_name = _("dépôt")
        verbose_name_plural = _("dépôts")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "sequence"], name="filings_of_a_submission_are_numbered"
            ),
            models.CheckConstraint(
                condition=Q(sequence=1, replaces=None) | Q(sequence__gt=1, replaces__isnull=False),
                name="a_later_filing_names_the_one_it_replaces",
            ),
            models.CheckConstraint(
                condition=Q(replaces=None) | ~Q(replaces=F("id")), name="a_filing_never_replaces_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def filed_later_at(self) -> datetime | None:
        """Instant at which a worker filed the arrival, if that was more than `_LATER` after it arrived; else None."""
        filed_at = self.arrival.settled_at if self.arrival is not None else None
        return filed_at if filed_at is not None and filed_at - self.received_at > _LATER else None


class FiledDocument(models.Model):
    """A document as filed: upload, document request, and the digest that the seal contains. Append-only."""

    filing = models.ForeignKey(Filing, models.RESTRICT, related_name="documents")
    request = models.ForeignKey(DocumentRequest, models.RESTRICT, related_name="+")
    upload = models.ForeignKey(Upload, models.RESTRICT, related_name="+")
    sha256 = models.CharField(max_length=64)
    """Of the file as received, in hexadecimal. The PDF dossier contains the cleaned file, which has another digest."""

    class Meta:
        verbose_name = _("document déposé")
        verbose_name_plural = _("documents déposés")
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "request"], name="a_filing_holds_one_file_per_document_asked"
            ),
        ]

    def __str__(self) -> str:
        return str(self.upload)


class Receipt(models.Model):
    """The proof of a filing: its number, such as 2027-020-000123-K. Append-only."""

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="receipt")
    number = models.CharField(_("numéro"), max_length=64)
    folded_number = FoldedField(
        expression=folded(F("number")), output_field=models.TextField(), db_persist=True
    )

    class Meta:
        verbose_name = _("accusé de réception")
        verbose_name_plural = _("accusés de réception")
        constraints = [models.UniqueConstraint(fields=["number"], name="receipt_number_is_unique")]
        indexes = [
            GinIndex(fields=["folded_number"], name="receipt_by_trigrams", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.number


class Verdict(models.Model):
    """The verdict of the rules on a filing. Append-only. The seal contains its findings and their facts."""

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="verdict")
    rulebook = models.ForeignKey(RulebookVersion, models.RESTRICT, related_name="+")
    outcome = models.CharField(_("verdict"), max_length=16)
    under_reserve = models.BooleanField(_("en révision"), default=False)
    """Filed with a review request although the rules refuse: see `ReviewRequest` and `Ruling`."""
    rulebook_digest = models.CharField(max_length=71)
    facts_digest = models.CharField(max_length=71)
    blocking = ArrayField(models.PositiveSmallIntegerField(), default=list)
    """Positions, from 0, of the findings with effect BLOCK: a person confirms each before the submission is selected.

    A copy of the seal's content, so that a trigger can check it without reading the seal."""

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["ELIGIBLE", "NEEDS_REVIEW"], under_reserve=False)
                | Q(outcome="INELIGIBLE", under_reserve=True),
                name="a_refused_verdict_is_filed_under_reserve_alone",
            ),
        ]

    def __str__(self) -> str:
        return self.outcome


class ReviewRequest(models.Model):
    """Message of a candidate who asks that a person rule on a refusal (access act, s. 65.2). Append-only."""

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="review_request")
    message = models.TextField(_("message"))
    at = models.DateTimeField(db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("demande de révision")
        verbose_name_plural = _("demandes de révision")
        constraints = [
            models.CheckConstraint(condition=~Q(message=""), name="review_request_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class Ruling(models.Model):
    """A person's decision on one refused finding; the candidate reads it. Append-only; the latest counts."""

    class Decision(models.TextChoices):
        """What the person decided about the finding."""

        CONFIRMED = "CONFIRMED", _("Confirmé")
        OVERTURNED = "OVERTURNED", _("Écarté")

    filing = models.ForeignKey(Filing, models.RESTRICT, related_name="rulings")
    position = models.PositiveSmallIntegerField(_("rang"))
    """Position of the finding in the sealed verdict, from 0."""
    kind = models.CharField(_("critère"), max_length=16)
    decision = models.CharField(_("décision"), max_length=10, choices=Decision)
    reason = models.TextField(_("motif"))
    turn = models.PositiveSmallIntegerField(default=1)
    """Human review of which the ruling is part, from 1. After JUDGE_AGAIN, each finding waits for a new ruling."""
    actor = models.ForeignKey(User, models.RESTRICT, related_name="+")
    at = models.DateTimeField(db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("décision d’une révision")
        verbose_name_plural = _("décisions de révisions")
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
