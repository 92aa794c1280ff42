"""Open points, changes and extensions of an offer."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .offer import Offer


class OpenPoint(models.Model):
    """A question that the import of a published text left open. A person settles it before publication.

    `code` names the question (`offers.import_messages` has its sentence); `excerpt` quotes the text concerned.
    """

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="points", verbose_name=_("offre"))
    position = models.PositiveSmallIntegerField(_("rang"))
    code = models.CharField(_("code"), max_length=40)
    excerpt = models.TextField(_("extrait"), blank=True)
    created_at = models.DateTimeField(_("créé"), editable=False)
    resolved_at = models.DateTimeField(_("réglé"), null=True, blank=True, editable=False)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("réglé par"),
    )
    resolution = models.CharField(_("comment"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("point à régler")
        verbose_name_plural = _("points à régler")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["offer", "position"], name="offer_points_have_distinct_positions"
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][A-Z0-9_]*$"), name="offer_point_code_is_a_code"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True, resolution="")
                | (Q(resolved_at__isnull=False, resolved_by__isnull=False) & ~Q(resolution="")),
                name="settled_offer_point_says_who_when_and_how",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class OfferChange(models.Model):
    """One change of an offer: author, instant, reason, and what changed. Never edited.

    A cancellation is asked by one person, and made, refused or withdrawn by a later row: the database lets the offer be
    cancelled only by a row of another person than asked (`sql/refuse_cancelling_alone.sql`).
    `details` is text that candidates may read, one change a line.
    """

    class Kind(models.TextChoices):
        """The kind of change."""

        IMPORTED = "IMPORTED", _("Importée d’un texte publié")
        POINT_SETTLED = "POINT_SETTLED", _("Point réglé")
        MAILBOX_CONFIRMED = "MAILBOX_CONFIRMED", _("Courriel de contact confirmé")
        PUBLISHED = "PUBLISHED", _("Publiée")
        CORRECTED = "CORRECTED", _("Corrigée")
        RULES_CHANGED = "RULES_CHANGED", _("Critères remplacés")
        EXTENDED = "EXTENDED", _("Date limite prolongée")
        CANCEL_ASKED = "CANCEL_ASKED", _("Annulation demandée")
        CANCEL_REFUSED = "CANCEL_REFUSED", _("Annulation refusée")
        CANCEL_WITHDRAWN = "CANCEL_WITHDRAWN", _("Demande d’annulation retirée")
        CANCELLED = "CANCELLED", _("Annulée")

    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="changes", verbose_name=_("offre")
    )
    kind = models.CharField(_("action"), max_length=20, choices=Kind)
    at = models.DateTimeField(_("date et heure"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("auteur"),
        help_text=_("Vide pour une commande du système."),
    )
    reason = models.CharField(_("motif"), max_length=250, blank=True)
    details = models.TextField(_("ce qui a changé"), blank=True)

    class Meta:
        verbose_name = _("modification")
        verbose_name_plural = _("modifications")
        default_permissions = ("add", "view")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["offer", "at"], name="changes_of_an_offer"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "IMPORTED",
                        "POINT_SETTLED",
                        "MAILBOX_CONFIRMED",
                        "PUBLISHED",
                        "CORRECTED",
                        "RULES_CHANGED",
                        "EXTENDED",
                        "CANCEL_ASKED",
                        "CANCEL_REFUSED",
                        "CANCEL_WITHDRAWN",
                        "CANCELLED",
                    ]
                ),
                name="offer_change_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["CORRECTED", "RULES_CHANGED", "EXTENDED", "CANCELLED"])
                | ~Q(reason=""),
                name="offer_change_that_candidates_feel_says_why",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class OfferExtension(models.Model):
    """A later closing instant for everyone, with author and reason. Never edited; the latest one is in force.

    Both closings are exclusive, as `Offer.closes_at` is. A trigger
    (`sql/offers_stamp_extension_and_refuse_earlier.sql`) overwrites `at`. It rejects a
    closing that is not after `at` and after the closing before, and a pair other than the offer's last change.
    """

    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="extensions", verbose_name=_("offre")
    )
    at = models.DateTimeField(_("décidée"), db_default=TransactionNow(), editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("auteur")
    )
    reason = models.CharField(_("motif"), max_length=250)
    closed_at_before = models.DateTimeField(_("fermeture prévue avant"))
    closes_at = models.DateTimeField(_("nouvelle fermeture"))

    class Meta:
        verbose_name = _("prolongation")
        verbose_name_plural = _("prolongations")
        default_permissions = ("add", "view")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("closed_at_before")), name="extension_closes_only_later"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_says_why"),
            models.UniqueConstraint(fields=["offer", "closes_at"], name="an_extension_is_written_once"),
        ]

    def __str__(self) -> str:
        return f"{self.offer} — {self.closes_at:%Y-%m-%d}"
