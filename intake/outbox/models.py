"""Deliveries and their mails. The rows are the truth; the broker only wakes the workers that read them."""

import uuid
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.core.files.storage import storages
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.base.folding import FoldedField, folded


class Delivery(models.Model):
    """One mail to send or file to make, performed after the transaction that posted it.

    Unique by `kind` and `key`: posting a pair twice makes one row. `subject_kind` and `subject_id` name what it is
    about (a model's label and its primary key as text, or an empty kind and a free identifier). `attempts` count
    towards `policy.MAX_ATTEMPTS`; `outages`, attempts while a server did not answer, are not among them.
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
    outages = models.PositiveSmallIntegerField(_("essais pendant une panne"), default=0, db_default=0)
    leased_until = models.DateTimeField(_("réservé jusqu’à"), null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    last_error = models.TextField(_("dernière erreur"), blank=True)
    created_at = models.DateTimeField(_("demandé le"))
    request_reference = models.CharField(max_length=14, default="-", db_default="-", editable=False)
    """Of the request that posted it, which the lines of its worker then have too; `-` outside a request."""
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
            # For the sweep, which runs every few seconds: stays small however many deliveries are done.
            models.Index(
                fields=["due_at"],
                name="delivery_open_by_due_at",
                condition=Q(state__in=["PENDING", "LEASED"]),
            ),
            models.Index(fields=["subject_kind", "subject_id"], name="delivery_by_subject"),
            # For the list in the administration, newest first, with and without filters.
            models.Index(fields=["created_at", "id"], name="delivery_in_order"),
            models.Index(fields=["state", "created_at", "id"], name="delivery_in_order_by_state"),
            models.Index(fields=["kind", "created_at", "id"], name="delivery_in_order_by_kind"),
            GinIndex(fields=["folded_key"], name="delivery_by_trigrams", opclasses=["gin_trgm_ops"]),
            # For prefix search, whatever the database's collation.
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
"""Tone of `components/state_badge.html` per state."""


class Message(models.Model):
    """The mail of a delivery, composed once and kept as sent. Sign-in codes are never stored here.

    `let_go_at` is when it was dropped; an earlier attempt may have sent it before it died. `sent_at` is when the mail
    server last accepted it. Reports of other servers are in the last four columns: a bounce has a code (RFC 3463, or
    empty) and that server's text.
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
    """Staff requested another sending. Same Message-ID, so a recipient who already has the mail sees one."""
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
            # Partial: for the list of bounces, and their number on the dashboard.
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
        """True if staff set it aside after it failed. A mail that was dropped as obsolete has no error."""
        return self.let_go_at is not None and self.delivery.last_error != ""


class MessageAttachment(models.Model):
    """A file sent with a message, by reference: its bytes stay in their storage and are read when sending."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    storage_alias = models.CharField(max_length=40, default="default")
    storage_name = models.CharField(max_length=255)
    filename = models.CharField(_("nom du fichier"), max_length=150)
    media_type = models.CharField(_("type"), max_length=100)

    class Meta:
        verbose_name = _("fichier joint")
        verbose_name_plural = _("fichiers joints")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["message", "position"], name="attachment_position_is_unique_per_message"
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    def read(self) -> bytes:
        """Return the file's bytes, from the storage with that alias in setting `STORAGES`.

        :raises OSError: if the storage has no such file or does not respond.
        """
        with storages[self.storage_alias].open(self.storage_name, "rb") as file:
            content: Any = file.read()
        return bytes(content)


class Heartbeat(models.Model):
    """The last sign of life of a process that works alone: a sweep, or beat. See `heartbeats`."""

    process = models.CharField(_("processus"), max_length=40)
    machine = models.CharField(_("machine"), max_length=100)
    """Name of the host, or of the container: several may run the same process."""
    at = models.DateTimeField(_("dernier signe"))
    """By the database's clock."""

    class Meta:
        verbose_name = _("signe de vie")
        verbose_name_plural = _("signes de vie")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["process", "machine"], name="a_process_of_a_machine_has_one_beat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.process} · {self.machine}"


class KeyInUse(models.Model):
    """A key that some process signs or encrypts with, and when one last did. See `keys_in_use`."""

    variable = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64)
    """Of the secret, from which nobody derives it."""
    seen_at = models.DateTimeField()
    """By the database's clock."""

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["variable", "fingerprint"], name="a_key_in_use_has_one_row"),
        ]

    def __str__(self) -> str:
        return f"{self.variable} · {self.fingerprint}"


class Outage(models.Model):
    """A time during which a server did not answer, whatever process noticed it. See `outages`."""

    class Server(models.TextChoices):
        MAIL = "MAIL", _("Serveur de courriel")
        FALLBACK_MAIL = "FALLBACK_MAIL", _("Serveur de courriel de secours")
        STORAGE = "STORAGE", _("Espace de fichiers")
        BROKER = "BROKER", _("File des messages")
        CACHE = "CACHE", _("Cache")

    server = models.CharField(_("serveur"), max_length=20, choices=Server)
    started_at = models.DateTimeField(_("depuis"))
    seen_at = models.DateTimeField(_("constatée la dernière fois"))
    reason = models.CharField(_("motif"), max_length=100)
    """Class and code of the first error, without its message."""
    ended_at = models.DateTimeField(_("terminée"), null=True, blank=True)

    class Meta:
        verbose_name = _("panne")
        verbose_name_plural = _("pannes")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["server"],
                condition=Q(ended_at__isnull=True),
                name="a_server_has_one_outage_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(server__in=["MAIL", "FALLBACK_MAIL", "STORAGE", "BROKER", "CACHE"]),
                name="outage_server_is_known",
            ),
            models.CheckConstraint(
                condition=Q(seen_at__gte=F("started_at"))
                & (Q(ended_at__isnull=True) | Q(ended_at__gte=F("seen_at"))),
                name="outage_is_seen_after_its_start_and_before_its_end",
            ),
        ]

    def __str__(self) -> str:
        return self.get_server_display()
