"""Export orders: requests for a shortlist file that a worker writes, with progress and expiry."""

import uuid

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from offers.models import Offer

from .shortlists import LIST_REASON_MAX, Shortlist, ShortlistExport

EXPORTS_FOLDER = "exports"
"""Folder of the storage. Each order has its own folder in it."""


class ExportOrder(models.Model):
    """A request for one file of a shortlist. Only its actor may download it, until it expires.

    OPEN until a worker wrote and checked the file, then READY, with a row in the export history, then EXPIRED. Or
    REFUSED (with a code), or CANCELLED by the actor: no file was exported.
    """

    class State(models.TextChoices):
        """State of an order."""

        OPEN = "OPEN", _("En préparation")
        READY = "READY", _("Prêt")
        EXPIRED = "EXPIRED", _("Retiré")
        REFUSED = "REFUSED", _("Refusé")
        CANCELLED = "CANCELLED", _("Annulé")

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    key = models.UUIDField(editable=False)
    """Identifies the requesting page and the request: sent repeatedly, it makes one order."""
    actor = models.ForeignKey(User, models.RESTRICT, related_name="export_orders", verbose_name=_("par"))
    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="+", verbose_name=_("offre"))
    shortlist = models.ForeignKey(
        Shortlist, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("liste")
    )
    """Null: the list as it is when the file is written."""
    file_format = models.CharField(_("format"), max_length=4)
    language = models.CharField(_("langue"), max_length=2)
    reason = models.CharField(_("motif"), max_length=LIST_REASON_MAX, blank=True)
    state = models.CharField(_("état"), max_length=9, choices=State, default=State.OPEN)
    done = models.PositiveIntegerField(_("candidatures écrites"), default=0)
    total = models.PositiveIntegerField(_("candidatures"))
    """Submissions on the list when requested; once READY, submissions in the file."""
    refusal = models.CharField(_("empêchement"), max_length=40, blank=True)
    """The code of the error that refused it. The page has the text."""
    file_name = models.CharField(max_length=120, blank=True, editable=False)
    """Name in the storage. Never a URL."""
    export = models.OneToOneField(
        ShortlistExport, models.RESTRICT, null=True, blank=True, related_name="order", editable=False
    )
    """Its row in the export history, with size and digest."""
    asked_at = models.DateTimeField(_("demandé le"), db_default=TransactionNow(), editable=False)
    ended_at = models.DateTimeField(_("terminé le"), null=True, blank=True)
    """When it became ready, refused or cancelled."""
    expires_at = models.DateTimeField(_("retiré le"))
    """Exclusive: the file is kept until this instant."""

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
        """True if the file is not written yet."""
        return self.state == self.State.OPEN

    @property
    def folder(self) -> str:
        """Folder of this order in the storage, with one file per attempt."""
        return f"{EXPORTS_FOLDER}/{self.public_id}"
