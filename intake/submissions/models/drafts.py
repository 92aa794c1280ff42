"""Drafts: answers and documents that the candidate may still change."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.documents.models import Upload
from offers.models import DocumentRequest

from .submissions import Submission

ANSWERS_SCHEMA = 1
"""Shape of `Draft.answers`: one flat object, keys as in `questions.sections`, days as ISO strings."""


class Draft(models.Model):
    """Answers being prepared for one submission. At most one draft is open; filing closes it."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="drafts")
    answers = models.JSONField(default=dict)
    schema = models.PositiveSmallIntegerField(default=ANSWERS_SCHEMA)
    version = models.PositiveIntegerField(default=0)
    """Incremented by each save that changes an answer or a document.

    A caller that names an older version is refused: another tab saved first."""
    replaces = models.ForeignKey("Filing", models.RESTRICT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(db_default=TransactionNow())
    saved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    changes_noted_at = models.DateTimeField(db_default=TransactionNow())
    """The candidate acknowledged the changes of the offer up to this instant; pages show the later ones."""

    notice_accepted: bool
    """Read only by `draft_to_file`."""

    class Meta:
        verbose_name = _("brouillon")
        verbose_name_plural = _("brouillons")
        constraints = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(closed_at=None), name="a_submission_has_one_open_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class DraftDocument(models.Model):
    """The upload that a candidate chose for one document request.

    If it has parts, they are what the candidate wants, and a worker joins them: until then `upload` is what they were
    before, which nobody files.
    """

    class Join(models.TextChoices):
        CURRENT = "CURRENT", _("À jour")
        WANTED = "WANTED", _("En préparation")
        TOO_LARGE = "TOO_LARGE", _("Trop lourd")
        FAILED = "FAILED", _("Préparation échouée")

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="documents")
    request = models.ForeignKey(DocumentRequest, models.RESTRICT, related_name="+")
    upload = models.ForeignKey(Upload, models.RESTRICT, related_name="+")
    joined = models.CharField(
        max_length=10, choices=Join, default=Join.CURRENT, db_default=Join.CURRENT, editable=False
    )
    """Whether `upload` is what the parts join into."""
    revision = models.UUIDField(null=True, editable=False)
    """Of the parts: another at each change of them, the same once they are joined. None if there are none."""

    class Meta:
        verbose_name = _("document du brouillon")
        verbose_name_plural = _("documents du brouillon")
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "request"], name="a_draft_holds_one_file_per_document_asked"
            ),
            models.CheckConstraint(
                condition=Q(joined="CURRENT")
                | Q(joined__in=["WANTED", "TOO_LARGE", "FAILED"], revision__isnull=False),
                name="a_document_to_join_has_a_revision",
            ),
        ]

    def __str__(self) -> str:
        return str(self.upload)

    @property
    def seen(self) -> str:
        """Argument `seen` of the operations: what a page that shows this document displayed."""
        return (self.revision or self.upload.public_id).hex

    @property
    def digest(self) -> str:
        """SHA-256 of what would be filed; empty until the parts are joined."""
        return self.upload.sha256 if self.is_current else ""

    @property
    def is_current(self) -> bool:
        """True if `upload` is what the candidate wants: it may be shown and filed."""
        return self.joined == self.Join.CURRENT

    @property
    def is_waiting(self) -> bool:
        """True until a worker has joined the parts."""
        return self.joined == self.Join.WANTED

    @property
    def has_failed(self) -> bool:
        """True if the parts cannot be joined: the candidate must change them."""
        return self.joined in {self.Join.TOO_LARGE, self.Join.FAILED}


class DocumentPart(models.Model):
    """One of the files that a draft's document is joined from. A document of one file, not turned, has none."""

    document = models.ForeignKey(DraftDocument, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    """Place in the document, from 1."""
    upload = models.ForeignKey(Upload, models.RESTRICT, related_name="+")
    turned = models.PositiveSmallIntegerField(default=0)
    """Degrees clockwise: 0, 90, 180 or 270."""

    class Meta:
        verbose_name = _("fichier d’un document du brouillon")
        verbose_name_plural = _("fichiers d’un document du brouillon")
        constraints = [
            models.UniqueConstraint(
                fields=["document", "position"], name="a_document_has_one_file_at_each_position"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1), name="the_first_file_of_a_document_is_number_1"
            ),
            models.CheckConstraint(
                condition=Q(turned__in=[0, 90, 180, 270]), name="a_file_is_turned_by_quarters"
            ),
        ]

    def __str__(self) -> str:
        return str(self.upload)
