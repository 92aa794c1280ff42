"""Every message and every job is a row first; the broker only wakes the workers that read these rows."""

import uuid
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from offers.folding import FoldedField, folded


class Delivery(models.Model):
    """One thing to be done once, after the transaction that asked for it: a mail to send, a file to build.

    `kind` and `key` name it for good: asking twice for the same pair makes one row. `subject_kind` and `subject_id`
    say what it is about (a model's label and its primary key as text, or an empty kind and a free identifier).
    `attempts` are counted towards `policy.MAX_ATTEMPTS`, all but the `outages`, which found the mail server away.
    """

    class State(models.TextChoices):
        PENDING = "PENDING", _("En attente")
        LEASED = "LEASED", _("En cours")
        DONE = "DONE", _("Effectué")
        DEAD = "DEAD", _("En échec")

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("sorte"), max_length=40)
    key = models.CharField(_("clé"), max_length=200)
    folded_key = FoldedField(expression=folded(F("key")), output_field=models.TextField(), db_persist=True)
    subject_kind = models.CharField(_("objet, sorte"), max_length=100, blank=True)
    subject_id = models.CharField(_("objet"), max_length=64)
    due_at = models.DateTimeField(_("à faire dès"))
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    outages = models.PositiveSmallIntegerField(_("essais sans serveur de courriel"), default=0, db_default=0)
    leased_until = models.DateTimeField(_("bail jusqu’à"), null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    last_error = models.TextField(_("dernière erreur"), blank=True)
    created_at = models.DateTimeField(_("demandé le"))
    asked_again_at = models.DateTimeField(_("relancé le"), null=True, blank=True)
    done_at = models.DateTimeField(_("effectué le"), null=True, blank=True)

    class Meta:
        verbose_name = _("envoi")
        verbose_name_plural = _("envois")
        default_permissions = ("view",)
        permissions = [("resend_delivery", _("Peut renvoyer un envoi"))]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="delivery_key_is_unique_per_kind"),
            models.CheckConstraint(
                condition=Q(state="LEASED", leased_until__isnull=False, lease_token__isnull=False)
                | Q(~Q(state="LEASED"), leased_until__isnull=True, lease_token__isnull=True),
                name="delivery_is_leased_until_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(state="DONE", done_at__isnull=False) | Q(~Q(state="DONE"), done_at__isnull=True),
                name="delivery_done_has_its_instant",
            ),
            models.CheckConstraint(condition=Q(attempts__gte=0), name="delivery_attempts_are_counted"),
            models.CheckConstraint(
                condition=Q(state__in=["PENDING", "LEASED", "DONE", "DEAD"]), name="delivery_state_is_known"
            ),
        ]
        indexes = [
            # What the sweep reads every few seconds: stays small however many deliveries are done.
            models.Index(
                fields=["due_at"],
                name="delivery_open_by_due_at",
                condition=Q(state__in=["PENDING", "LEASED"]),
            ),
            models.Index(fields=["subject_kind", "subject_id"], name="delivery_by_subject"),
            # The desk, newest first, whole or narrowed.
            models.Index(fields=["created_at", "id"], name="delivery_in_order"),
            models.Index(fields=["state", "created_at", "id"], name="delivery_in_order_by_state"),
            models.Index(fields=["kind", "created_at", "id"], name="delivery_in_order_by_kind"),
            GinIndex(fields=["folded_key"], name="delivery_by_trigrams", opclasses=["gin_trgm_ops"]),
            # For how a word starts, whatever the database's collation.
            models.Index(fields=["key"], opclasses=["varchar_pattern_ops"], name="delivery_by_start_of_key"),
            models.Index(
                fields=["subject_id"], opclasses=["varchar_pattern_ops"], name="delivery_by_start_of_subject"
            ),
        ]

    def __str__(self) -> str:
        return self.key


TONES: dict[Delivery.State, str] = {
    Delivery.State.PENDING: "none",
    Delivery.State.LEASED: "info",
    Delivery.State.DONE: "success",
    Delivery.State.DEAD: "error",
}
"""The tone of `components/state_badge.html` in which each state is shown."""


class Message(models.Model):
    """The mail of a delivery, composed once and kept as it was sent. Sign-in codes never come here.

    `let_go_at` is when it was no longer worth sending; an earlier attempt may have handed it over and died unheard.
    `sent_at` is when our mail server last took it. What other servers reported since is in `arrived_at`, `returned_at`
    and, of a mail that came back, `report_code` (RFC 3463, or empty) and `report_words` (theirs).
    """

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="message")
    message_id = models.CharField(_("Message-ID"), max_length=200, unique=True)
    to_address = models.EmailField(_("destinataire"), max_length=254)
    subject = models.CharField(_("objet du courriel"), max_length=200)
    text = models.TextField(_("texte"))
    html = models.TextField(_("version HTML"), blank=True)
    created_at = models.DateTimeField(_("composé le"))
    sent_at = models.DateTimeField(_("remis au serveur de courriel le"), null=True, blank=True)
    let_go_at = models.DateTimeField(_("abandonné le"), null=True, blank=True)
    is_to_go_again = models.BooleanField(_("à renvoyer"), default=False, db_default=False)
    """Somebody asked for it once more, under the same Message-ID: who has it already sees one mail."""
    arrived_at = models.DateTimeField(_("arrivé le"), null=True, blank=True)
    returned_at = models.DateTimeField(_("revenu le"), null=True, blank=True)
    report_code = models.CharField(_("code du retour"), max_length=9, blank=True, db_default="")
    report_words = models.CharField(_("motif du retour"), max_length=500, blank=True, db_default="")

    class Meta:
        verbose_name = _("courriel")
        verbose_name_plural = _("courriels")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(let_go_at__isnull=True),
                name="message_is_sent_or_let_go",
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True) | Q(returned_at__isnull=True),
                name="message_arrived_or_came_back",
            ),
        ]
        indexes = [
            # The few that came back: the desk's list of them, and the bureau's count.
            models.Index(
                fields=["returned_at"], name="message_came_back", condition=Q(returned_at__isnull=False)
            ),
            models.Index(
                fields=["to_address"], opclasses=["varchar_pattern_ops"], name="message_by_start_of_address"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def was_set_aside(self) -> bool:
        """Whether a person let it go after it failed; what was let go by itself failed at nothing."""
        return self.let_go_at is not None and self.delivery.last_error != ""


class MessageAttachment(models.Model):
    """A file sent with a message, by reference: the bytes stay in their storage and are read when sending."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    storage_alias = models.CharField(max_length=40, default="default")
    storage_name = models.CharField(max_length=255)
    filename = models.CharField(_("nom du fichier"), max_length=150)
    media_type = models.CharField(_("type"), max_length=100)

    class Meta:
        verbose_name = _("pièce jointe")
        verbose_name_plural = _("pièces jointes")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["message", "position"], name="attachment_position_is_unique_per_message"
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def storage(self) -> Storage:
        """The storage that holds the file, as named in setting `STORAGES`."""
        return storages[self.storage_alias]

    def read(self) -> bytes:
        """Return the file's bytes.

        :raises OSError: when the storage has no such file or does not answer.
        """
        with self.storage.open(self.storage_name, "rb") as file:
            content: Any = file.read()
        return bytes(content)
