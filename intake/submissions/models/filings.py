"""A filing, append-only: what was sealed, its documents, verdict and receipt, and the review that it asks for."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.documents.models import Upload
from intake.dossiers.models import Seal
from offers.folding import FoldedField, folded
from offers.models import DocumentRequest, RulebookVersion

from .drafts import Draft
from .submissions import Submission


class Filing(models.Model):
    """What was filed, sealed. Append-only.

    `received_at` is the database's `transaction_timestamp()`, written by a trigger that ignores any supplied value and
    refuses an instant outside the offer's dates; a second, deferred trigger refuses a commit later than 60 s after
    closing and one without a receipt and a verdict (migration `0002_filing_rules`).

    The first writes `transaction` and `cluster` too: the numbers of the transaction, and of the cluster of databases in
    which it was. Of the rows that this very server wrote, it can tell when they were committed; they are null in what
    was filed before they were kept.
    """

    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="filings")
    sequence = models.PositiveSmallIntegerField(_("rang"))
    """1 for the first filing of the submission, 2 for the one that replaces it, and so on."""
    draft = models.OneToOneField(Draft, models.RESTRICT, related_name="filing")
    seal = models.OneToOneField(Seal, models.RESTRICT, related_name="filing")
    replaces = models.OneToOneField(
        "self", models.RESTRICT, null=True, blank=True, related_name="replaced_by"
    )
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


class FiledDocument(models.Model):
    """A document as filed: which upload, for which request, with the digest that the seal names. Append-only."""

    filing = models.ForeignKey(Filing, models.RESTRICT, related_name="documents")
    request = models.ForeignKey(DocumentRequest, models.RESTRICT, related_name="+")
    upload = models.ForeignKey(Upload, models.RESTRICT, related_name="+")
    sha256 = models.CharField(max_length=64)
    """Of the file as received, in hexadecimal; the dossier shows it cleaned."""

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
    """The machine's verdict on a filing. Append-only; its findings are in the seal, beside the facts they judge."""

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="verdict")
    rulebook = models.ForeignKey(RulebookVersion, models.RESTRICT, related_name="+")
    outcome = models.CharField(_("verdict"), max_length=16)
    under_reserve = models.BooleanField(_("sous réserve"), default=False)
    """The rules refuse, and the candidate asked for a person's judgement: see `ReviewRequest` and `Ruling`."""
    rulebook_digest = models.CharField(max_length=71)
    facts_digest = models.CharField(max_length=71)
    blocking = ArrayField(models.PositiveSmallIntegerField(), default=list)
    """Positions, from 0, of the findings that decide the verdict (effect BLOCK): what a person confirms before a
    candidature is selected. A copy of what the seal says, so that the database can refuse without reading it."""

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
    """What a candidate says who asks that a person judge what the rules refuse (access act, s. 65.2). Append-only."""

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
