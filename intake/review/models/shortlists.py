"""Frozen shortlists, the export history, and the orders of export files that a worker writes."""

import uuid

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.submissions.models import Filing
from offers.models import Offer

LIST_REASON_MAX = 250
"""Maximum number of characters in the reason of a frozen list or of an export."""


class Shortlist(models.Model):
    """The shortlist of an offer at one instant: filings, their order, and the reason. Append-only.

    `digest` covers number, order, receipt numbers, seals' digests, scores and human review codes (`lines.digest_of`):
    it still proves the list once the candidates are anonymised.
    """

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="shortlists", verbose_name=_("offre"))
    number = models.PositiveSmallIntegerField(_("numéro"))
    """From 1, per offer."""
    reason = models.CharField(_("motif"), max_length=LIST_REASON_MAX)
    frozen_by = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("figée par"))
    frozen_at = models.DateTimeField(_("figée le"))
    rows_count = models.PositiveIntegerField(_("candidatures"))
    digest = models.CharField(_("empreinte"), max_length=71)
    """`sha256:` and 64 hexadecimal digits."""

    class Meta:
        verbose_name = _("liste de présélection figée")
        verbose_name_plural = _("listes de présélection figées")
        default_permissions = ("view",)
        permissions = [("freeze_shortlist", _("Peut figer une liste de présélection"))]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "number"], name="shortlists_of_an_offer_have_distinct_numbers"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="shortlist_numbers_start_at_one"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_frozen_shortlist_says_why"),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^sha256:[0-9a-f]{64}$"), name="shortlist_digest_is_sha256"
            ),
            models.CheckConstraint(condition=Q(rows_count__gte=1), name="a_frozen_shortlist_has_a_row"),
        ]

    def __str__(self) -> str:
        return f"{self.offer} · {self.number}"


class ShortlistRow(models.Model):
    """One filing on a frozen shortlist. Append-only.

    Other columns of an export come from the filing's seal, which never changes.
    """

    shortlist = models.ForeignKey(Shortlist, models.RESTRICT, related_name="rows")
    rank = models.PositiveIntegerField(_("rang"))
    """The row's place, from 1, in the displayed order. Distinct even for tied files; no ranking if it has no score."""
    filing = models.ForeignKey(Filing, models.RESTRICT, related_name="+")
    score = models.DecimalField(_("moyenne"), max_digits=4, decimal_places=3, null=True, blank=True)
    """Mean of the scores, from 0 to 5; null without one."""
    marks = models.PositiveSmallIntegerField(_("évaluations"))
    reserve = models.CharField(_("réserve"), max_length=8)
    """A code of `intake.submissions.states.HumanReview`, as of the freeze."""

    class Meta:
        verbose_name = _("rang d’une liste figée")
        verbose_name_plural = _("rangs d’une liste figée")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["shortlist", "rank"], name="a_shortlist_has_one_row_per_rank"),
            models.UniqueConstraint(fields=["shortlist", "filing"], name="a_filing_is_once_on_a_shortlist"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="shortlist_ranks_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.shortlist_id} · {self.rank}"


class ShortlistExport(models.Model):
    """Export history: one shortlist file that left the portal, with its user and reason. Append-only."""

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="+", verbose_name=_("offre"))
    shortlist = models.ForeignKey(
        Shortlist, models.RESTRICT, null=True, blank=True, related_name="exports", verbose_name=_("liste")
    )
    """Null: the list as it was at `at`, not a frozen one."""
    file_format = models.CharField(_("format"), max_length=4)
    language = models.CharField(_("langue"), max_length=2)
    rows_count = models.PositiveIntegerField(_("candidatures"))
    size = models.PositiveBigIntegerField(_("taille"))
    """Bytes."""
    sha256 = models.CharField(_("empreinte"), max_length=64)
    """SHA-256 of the file, in hexadecimal."""
    reason = models.CharField(_("motif"), max_length=LIST_REASON_MAX, blank=True)
    actor = models.ForeignKey(
        User, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("par")
    )
    """Null for a management command."""
    at = models.DateTimeField(_("date et heure"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("exportation")
        verbose_name_plural = _("exportations de listes")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["at", "id"], name="exports_in_order")]
        constraints = [
            models.CheckConstraint(
                condition=Q(file_format__in=["csv", "xlsx", "pdf", "zip"]), name="export_format_is_known"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="export_digest_is_sha256"
            ),
            models.CheckConstraint(condition=Q(language__in=["fr", "en"]), name="export_language_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.file_format.upper()} · {self.sha256[:12]}"


class ExportOrder(models.Model):
    """A request for one file of a shortlist. Only its actor may download it, until it expires.

    OPEN until a worker wrote and checked the file, then READY, with a row in the export history, then EXPIRED. Or
    REFUSED (with a code), or CANCELLED by the actor: no file was exported.
    """

    class State(models.TextChoices):
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
        return f"exports/{self.public_id}"
