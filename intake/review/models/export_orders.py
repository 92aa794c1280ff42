"""A file of a shortlist that somebody asked for and that a worker writes: how far it is, and until when it is kept."""

import uuid

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from offers.models import Offer

from .shortlists import LIST_REASON_MAX, Shortlist, ShortlistExport

EXPORTS_FOLDER = "exports"
"""Of the storage: every order has its own folder in it."""


class ExportOrder(models.Model):
    """One file of a shortlist, asked for by one person, who alone may take it while it is kept.

    OPEN until a worker wrote it and read it over: READY, with its line in the ledger; EXPIRED once its time is over.
    Or REFUSED (and by what), or CANCELLED by the person: nothing left the house.
    """

    class State(models.TextChoices):
        """Where it is."""

        OPEN = "OPEN", _("En préparation")
        READY = "READY", _("Prêt")
        EXPIRED = "EXPIRED", _("Retiré")
        REFUSED = "REFUSED", _("Refusé")
        CANCELLED = "CANCELLED", _("Annulé")

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    key = models.UUIDField(editable=False)
    """Of the page it was asked from and of what was asked: however often that is sent, it is one order."""
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="export_orders", verbose_name=_("par")
    )
    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="+", verbose_name=_("offre"))
    shortlist = models.ForeignKey(
        Shortlist, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("liste")
    )
    """Null: the list as it stands when the file is written."""
    file_format = models.CharField(_("format"), max_length=4)
    language = models.CharField(_("langue"), max_length=2)
    reason = models.CharField(_("motif"), max_length=LIST_REASON_MAX, blank=True)
    state = models.CharField(_("état"), max_length=9, choices=State, default=State.OPEN)
    done = models.PositiveIntegerField(_("candidatures écrites"), default=0)
    total = models.PositiveIntegerField(_("candidatures"))
    """When it was asked for; when it is ready, those that are in the file."""
    refusal = models.CharField(_("empêchement"), max_length=40, blank=True)
    """The code of what refused it; the words are the page's."""
    file_name = models.CharField(max_length=120, blank=True, editable=False)
    """In the storage; never an address."""
    export = models.OneToOneField(
        ShortlistExport, models.RESTRICT, null=True, blank=True, related_name="order", editable=False
    )
    """Its line in the ledger: size and digest are there."""
    asked_at = models.DateTimeField(_("demandé le"), db_default=TransactionNow(), editable=False)
    ended_at = models.DateTimeField(_("terminé le"), null=True, blank=True)
    """When it was ready, refused or cancelled."""
    expires_at = models.DateTimeField(_("retiré le"))
    """The file is there before that instant."""

    class Meta:
        verbose_name = _("fichier demandé")
        verbose_name_plural = _("fichiers demandés")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="a_page_asks_once_for_a_file"),
            models.UniqueConstraint(
                fields=["actor", "offer", "shortlist", "file_format", "language", "reason"],
                condition=Q(state="OPEN"),
                nulls_distinct=False,
                name="a_person_waits_once_for_a_file",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "READY", "EXPIRED", "REFUSED", "CANCELLED"]),
                name="export_order_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["READY", "EXPIRED"], export__isnull=False)
                | (~Q(state__in=["READY", "EXPIRED"]) & Q(export__isnull=True)),
                name="a_file_that_was_ready_is_in_the_ledger",
            ),
            models.CheckConstraint(
                condition=Q(state="READY", file_name__gt="") | (~Q(state="READY") & Q(file_name="")),
                name="a_file_is_kept_while_it_is_ready",
            ),
            models.CheckConstraint(
                condition=Q(state="REFUSED", refusal__gt="") | (~Q(state="REFUSED") & Q(refusal="")),
                name="a_refused_export_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", ended_at__isnull=True)
                | (~Q(state="OPEN") & Q(ended_at__isnull=False)),
                name="an_export_order_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="an_export_counts_no_further_than_its_list"
            ),
            models.CheckConstraint(
                condition=Q(file_format__in=["csv", "xlsx", "pdf", "zip"]), name="ordered_format_is_known"
            ),
            models.CheckConstraint(condition=Q(language__in=["fr", "en"]), name="ordered_language_is_known"),
        ]
        indexes = [models.Index(fields=["actor", "offer", "asked_at"], name="export_orders_of_a_person")]

    def __str__(self) -> str:
        return f"{self.file_format.upper()} · {self.public_id}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be written."""
        return self.state == self.State.OPEN

    @property
    def folder(self) -> str:
        """Where in the storage the files of this order are, one per attempt."""
        return f"{EXPORTS_FOLDER}/{self.public_id}"
