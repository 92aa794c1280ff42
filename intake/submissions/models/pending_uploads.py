"""Files that were received for a document of a draft, and wait for their inspection."""

import uuid

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from offers.models import DocumentRequest

from .drafts import Draft

SHA256_LENGTH = 64


class PendingUpload(models.Model):
    """One received file: the document that it is for, and what became of it.

    A worker inspects it and attaches it to the draft; then its bytes are deleted, and the row stays until the end of
    the next day: it says what became of the file, and counts for the quota of the day.
    """

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", _("En analyse")
        ADDED = "ADDED", _("Ajouté")
        SAME = "SAME", _("Déjà présent")
        REFUSED = "REFUSED", _("Refusé")
        CHANGED = "CHANGED", _("Document changé entre-temps")
        CLOSED = "CLOSED", _("Reçu trop tard")
        DROPPED = "DROPPED", _("Abandonné")

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        User, models.RESTRICT, related_name="pending_uploads", verbose_name=_("personne")
    )
    draft = models.ForeignKey(Draft, models.SET_NULL, null=True, related_name="pending_uploads")
    """None once the draft is discarded: the file then goes to no document."""
    request = models.ForeignKey(DocumentRequest, models.CASCADE, related_name="+")
    seen = models.CharField(max_length=32, null=True)  # noqa: DJ001 -- empty: the page displayed no file
    """Argument `seen` of `attach_document`."""
    adds = models.BooleanField(default=False)
    """Is it joined to the document, after the files that it has then, instead of replacing them?"""
    name = models.CharField(_("nom du fichier"), max_length=120)
    size = models.PositiveBigIntegerField(_("taille reçue (octets)"))
    sha256 = models.CharField(_("empreinte SHA-256 du fichier reçu"), max_length=SHA256_LENGTH)
    file = models.FileField(_("fichier reçu"), upload_to="documents/pending", max_length=200, blank=True)
    """Empty once `state` is not RECEIVED."""
    client = models.GenericIPAddressField(_("adresse réseau"), null=True)
    """Address from which it was sent, for the event of a refusal. None once `state` is not RECEIVED."""
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.RECEIVED)
    reason_code = models.CharField(_("motif du refus"), max_length=32, blank=True)
    """A member of `documents.child.refusal.Reason`, if and only if `state` is REFUSED."""
    facts = models.JSONField(default=dict)
    """Figures and codes for the message of the refusal: see `documents.reasons.explain`."""
    received_at = models.DateTimeField(_("reçu le"), db_default=TransactionNow())
    """Instant, by the database, at which the file was received: it decides whether the file is in time."""
    started_at = models.DateTimeField(_("analyse commencée le"), null=True, blank=True)
    settled_at = models.DateTimeField(_("analyse terminée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("fichier en analyse")
        verbose_name_plural = _("fichiers en analyse")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "request"],
                condition=Q(state="RECEIVED", adds=False),
                name="one_file_under_inspection_replaces_a_document",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["RECEIVED", "ADDED", "SAME", "REFUSED", "CHANGED", "CLOSED", "DROPPED"]
                ),
                name="pending_upload_state_is_known",
            ),
            models.CheckConstraint(
                condition=(Q(state="RECEIVED", settled_at=None) & ~Q(file=""))
                | (~Q(state="RECEIVED") & Q(settled_at__isnull=False, file="")),
                name="pending_upload_has_its_bytes_until_it_is_settled",
            ),
            models.CheckConstraint(
                condition=(Q(state="REFUSED") & ~Q(reason_code=""))
                | (~Q(state="REFUSED") & Q(reason_code="")),
                name="pending_upload_is_refused_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(size__gte=1), name="pending_upload_is_not_empty"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="pending_upload_digest_is_sha256"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "received_at"], name="pending_upload_of_a_day"),
            models.Index(
                fields=["received_at"], name="pending_upload_in_line", condition=Q(state="RECEIVED")
            ),
            # For the metrics of the last minutes.
            models.Index(fields=["settled_at"], name="pending_upload_refused", condition=Q(state="REFUSED")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_waiting(self) -> bool:
        """True until the file is inspected, and added or refused."""
        return self.state == self.State.RECEIVED
