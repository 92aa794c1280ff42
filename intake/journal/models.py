"""The journal. Rows are only added: migrations contain the triggers that protect and chain them."""

from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from intake.journal.seals import SEAL, SealField

LIST_SHOWN: Final = "LIST_SHOWN"
"""Action of a user who read a list. `detail` is the page, then the identifiers of the subjects that it showed."""


def listed_subjects() -> models.Func:
    """Return the words of `detail` as an array: in an entry of a list, the page and the subjects' identifiers."""
    return models.Func(
        models.F("detail"),
        models.Value(" "),
        function="string_to_array",
        output_field=ArrayField(models.TextField()),
    )


class Entry(models.Model):
    """One action of a user or of the portal.

    `at` is the database's start of the transaction that wrote the row. No personal data in `detail`: an entry outlives
    the person's file.
    """

    at = models.DateTimeField(_("date et heure"), db_default=TransactionNow(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # Setting the column to null would be a change: a user is anonymised, never deleted.
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("auteur"),
        help_text=_("Vide pour une action automatique du portail."),
    )
    action = models.CharField(_("action"), max_length=64)
    subject_kind = models.CharField(_("genre d’objet"), max_length=64, blank=True)
    subject_id = models.CharField(_("objet"), max_length=64, blank=True)
    detail = models.TextField(_("précision"), blank=True)
    seal = SealField(max_length=128, default="", editable=False)
    """Proves that a process of the portal wrote the entry."""

    class Meta:
        verbose_name = _("entrée du journal")
        verbose_name_plural = _("entrées du journal")
        default_permissions = ("add", "view")
        indexes = [
            # The identifier first: searches also use it without the kind.
            models.Index(fields=["subject_id", "subject_kind", "at"], name="journal_of_a_subject"),
            # All entries of one transaction have the same instant: without the key, each page would sort them.
            models.Index(fields=["at", "id"], name="journal_in_order"),
            models.Index(fields=["action", "at", "id"], name="journal_in_order_by_action"),
            # Which lists showed a subject: see `selectors.lists_with`.
            GinIndex(
                listed_subjects(), name="journal_lists_of_a_subject", condition=models.Q(action=LIST_SHOWN)
            ),
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
            models.CheckConstraint(condition=models.Q(seal__regex=SEAL), name="journal_entry_is_sealed"),
            models.UniqueConstraint(
                fields=["seal"], condition=~models.Q(seal=""), name="a_seal_of_the_journal_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_kind} {self.subject_id}".strip()

    def sealed_content(self) -> list[Any]:
        """Return what the seal covers. The instant is the database's, and is covered by the chain."""
        return [self.actor_id, *map(str, (self.action, self.subject_kind, self.subject_id, self.detail))]


class Link(models.Model):
    """Hash-chain link of one entry to the previous entry of its chain. Only the database writes it.

    There are as many chains as there were concurrent writing transactions, so that none waits for another: see `chain`
    for the digests, and `sql/chain_journal_entry.sql` for the trigger that writes the links.
    """

    entry = models.OneToOneField(
        Entry,
        models.PROTECT,
        primary_key=True,
        related_name="link",
        db_constraint=False,  # a link must outlive its entry, to reveal that the entry is missing
    )
    lane = models.PositiveSmallIntegerField()
    """Number of the chain, from 1."""
    position = models.PositiveBigIntegerField()
    """Position in the chain, from 1."""
    salt = models.UUIDField(null=True)
    """Salt of the commitment; null once the entry's personal data are erased."""
    commitment = models.CharField(max_length=64)
    """Salted SHA-256, in hexadecimal, of the actor, the subject and the detail."""
    digest = models.CharField(max_length=64)
    """SHA-256, in hexadecimal, of the previous digest, the instant, the action and the commitment."""

    class Meta:
        verbose_name = _("maillon du journal")
        verbose_name_plural = _("maillons du journal")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["lane", "position"], name="a_chain_has_one_link_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.lane}.{self.position}"
