"""The record of who did what. Rows are only ever added: see the migrations for what holds and chains them."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One thing somebody, or the portal itself, did.

    The instant is the database's: the start of the transaction that wrote the row. No personal data in
    `detail`: an entry outlives the person's file.
    """

    at = models.DateTimeField(_("instant"), db_default=TransactionNow(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # Clearing the column would be a change: whoever did something is anonymised, never removed.
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("auteur"),
        help_text=_("Vide quand le portail a agi de lui-même."),
    )
    action = models.CharField(_("action"), max_length=64)
    subject_kind = models.CharField(_("genre d’objet"), max_length=64, blank=True)
    subject_id = models.CharField(_("objet"), max_length=64, blank=True)
    detail = models.TextField(_("précision"), blank=True)

    class Meta:
        verbose_name = _("entrée du journal")
        verbose_name_plural = _("entrées du journal")
        default_permissions = ("add", "view")
        indexes = [
            # The identifier first: it is searched for without its kind too.
            models.Index(fields=["subject_id", "subject_kind", "at"], name="journal_of_a_subject"),
            # What one transaction writes bears one instant: without the key, all of it is sorted for each page.
            models.Index(fields=["at", "id"], name="journal_in_order"),
            models.Index(fields=["action", "at", "id"], name="journal_in_order_by_action"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action__regex=r"^[A-Z][A-Z0-9_]*$"),
                name="journal_entry_action_is_a_code",
            ),
            models.CheckConstraint(
                condition=models.Q(subject_kind="", subject_id="")
                | (~models.Q(subject_kind="") & ~models.Q(subject_id="")),
                name="journal_entry_subject_is_whole_or_absent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_kind} {self.subject_id}".strip()


class Link(models.Model):
    """What proves one entry, and ties it to the one before it in its chain. Written by the database alone.

    There are as many chains as there were ever transactions writing at once, so that none waits for another: see
    `chain` for what is digested, and migration `0004_journal_in_chains` for who writes it.
    """

    entry = models.OneToOneField(
        Entry,
        models.PROTECT,
        primary_key=True,
        related_name="link",
        db_constraint=False,  # an entry that went missing is what the links are to show
    )
    lane = models.PositiveSmallIntegerField()
    """Which chain, from 1."""
    position = models.PositiveBigIntegerField()
    """In its chain, from 1."""
    salt = models.UUIDField(null=True)
    """Of the commitment; null once what the entry said is erased."""
    commitment = models.CharField(max_length=64)
    """Salted SHA-256, in hexadecimal, of whom the entry names and what it says of them."""
    digest = models.CharField(max_length=64)
    """SHA-256, in hexadecimal, of the digest before it, of the instant, the action and the commitment."""

    class Meta:
        verbose_name = _("maillon du journal")
        verbose_name_plural = _("maillons du journal")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["lane", "position"], name="a_chain_has_one_link_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.lane}.{self.position}"
