"""The offer: header, instants and status, and its phase at an instant. No clock is read here."""

import uuid
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from intake.base.folding import FoldedField, folded

from .programme import Programme

_SEARCHED = ("organisation", "organisation_short", "domain", "place")
_CLOCK_STEP = timedelta(microseconds=1)  # PostgreSQL's: the last open instant is this long before closing
CLOSING_SOON = timedelta(hours=48)  # elapsed, 48 excluded: `docs/rules.md#opening-and-closing-soon`


class OfferPhase(models.TextChoices):
    """Phase of a published offer at an instant, computed and never stored."""

    UPCOMING = "UPCOMING", _("À venir")
    OPEN = "OPEN", _("Ouverte")
    CLOSING_SOON = "CLOSING_SOON", _("Ferme bientôt")
    CLOSED = "CLOSED", _("Fermée")
    CANCELLED = "CANCELLED", _("Annulée")

    @property
    def is_open(self) -> bool:
        """True if a published offer can be applied to in this phase."""
        return self in {OfferPhase.OPEN, OfferPhase.CLOSING_SOON}


def phase_between(*, opens_at: datetime, closes_at: datetime, at: datetime) -> OfferPhase:
    """Return the phase at `at` of an offer open from `opens_at` (inclusive) to `closes_at` (exclusive), all aware.

    CLOSING_SOON is less than 48 elapsed hours before closing, also across a change to or from daylight saving time.
    """
    # Python subtracts and compares two instants of one zone in local time: only UTC gives elapsed hours.
    opens_at, closes_at, at = opens_at.astimezone(UTC), closes_at.astimezone(UTC), at.astimezone(UTC)
    if at < opens_at:
        return OfferPhase.UPCOMING
    if at >= closes_at:
        return OfferPhase.CLOSED
    return OfferPhase.CLOSING_SOON if closes_at - at < CLOSING_SOON else OfferPhase.OPEN


class Offer(models.Model):
    """One stage at one organisation, with one closing instant.

    `starts_on`, `ends_on` and `closes_on` are the printed days; `opens_at` and `closes_at` (exclusive) are the
    instants that the portal applies. An extension changes `closes_at` and not `closes_on`. Once published, an offer
    keeps its number, never becomes a draft again and never closes earlier: a trigger rejects it
    (`sql/offers_keep_published_offer.sql`). An extension must name `closed_at_before`
    (`sql/offers_keep_closing_before.sql`) as the closing that it replaces.
    """

    class Status(models.TextChoices):
        """What staff did with the offer. Its phase at an instant is an `OfferPhase`."""

        DRAFT = "DRAFT", _("Brouillon")
        PUBLISHED = "PUBLISHED", _("Publiée")
        CANCELLED = "CANCELLED", _("Annulée")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(  # noqa: DJ001 -- unique: several offers may have no number, but only one an empty one
        _("numéro"),
        max_length=20,
        null=True,
        blank=True,
        help_text=_("Par exemple 2027-020. Une offre sans numéro reste un brouillon."),
    )
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="offers", verbose_name=_("programme")
    )
    organisation = models.CharField(_("organisation"), max_length=250)
    organisation_short = models.CharField(
        _("sigle"), max_length=40, blank=True, help_text=_("Par exemple UNESCO.")
    )
    domain = models.CharField(_("domaine"), max_length=250, blank=True)
    place = models.CharField(_("lieu"), max_length=250, blank=True)
    remote_possible = models.BooleanField(_("télétravail possible"), default=False)
    starts_on = models.DateField(_("premier jour"))
    ends_on = models.DateField(_("dernier jour"))
    allowance_min = models.DecimalField(
        _("allocation minimale"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    allowance_max = models.DecimalField(
        _("allocation maximale"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("monnaie"), max_length=3, default="CAD", help_text=_("Code ISO 4217."))
    opens_at = models.DateTimeField(_("ouverture"))
    closes_on = models.DateField(
        _("date limite d’inscription"), help_text=_("La date inscrite dans l’offre, le jour entier.")
    )
    closes_at = models.DateTimeField(
        _("heure de fermeture"),
        help_text=_("Heure de fermeture : habituellement minuit, à la fin du jour de la date limite."),
    )
    # The closing before the last extension; null if there is none. Only a trigger writes it.
    closed_at_before = models.DateTimeField(
        _("heure de fermeture avant la prolongation"), null=True, editable=False
    )
    time_zone = models.CharField(_("fuseau horaire"), max_length=60, default="America/Toronto")
    funder = models.CharField(_("bailleur de fonds"), max_length=250, blank=True)
    contact_unit = models.CharField(_("unité à joindre"), max_length=250, blank=True)
    contact_phone = models.CharField(_("téléphone"), max_length=40, blank=True)
    contact_extension = models.CharField(_("poste"), max_length=10, blank=True)
    contact_email = models.EmailField(_("courriel"), blank=True)
    contact_confirmed_at = models.DateTimeField(
        _("courriel confirmé"),
        null=True,
        blank=True,
        help_text=_("Rien n’est envoyé à ce courriel avant cette confirmation."),
    )
    status = models.CharField(_("statut"), max_length=10, choices=Status, default=Status.DRAFT)
    listed = models.BooleanField(
        _("visible dans la liste"), default=True, help_text=_("Une offre non visible sert aux essais.")
    )
    published_at = models.DateTimeField(_("publiée"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("créée"), editable=False)
    # Computed by the database, so that every write updates it: see `intake.base.folding`.
    search_text = FoldedField(
        expression=folded(
            Concat(
                Coalesce(F("number"), models.Value("")),
                *chain.from_iterable((models.Value(" "), F(name)) for name in _SEARCHED),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("offre")
        verbose_name_plural = _("offres")
        permissions = [("publish_offer", _("Peut publier une offre"))]
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["search_text"], name="offers_by_trigrams", opclasses=["gin_trgm_ops"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"],
                name="offer_number_is_unique",
                violation_error_message=_("Une autre offre porte déjà ce numéro."),
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__regex=r"^[0-9A-Za-z]+(-[0-9A-Za-z]+)*$"),
                name="offer_number_fits_an_address",
                violation_error_message=_(
                    "Un numéro contient des chiffres, des lettres et des traits d’union."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(organisation=""),
                name="offer_names_its_organisation",
                violation_error_message=_("L’organisation manque."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="offer_ends_after_it_starts",
                violation_error_message=_("Le stage doit finir après son début."),
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="offer_closes_after_it_opens",
                violation_error_message=_("L’offre doit fermer après son ouverture."),
            ),
            models.CheckConstraint(
                condition=Q(allowance_min__isnull=True, allowance_max__isnull=True)
                | Q(
                    allowance_min__isnull=False,
                    allowance_max__isnull=False,
                    allowance_min__gte=0,
                    allowance_min__lte=F("allowance_max"),
                ),
                name="offer_allowance_goes_from_least_to_most",
                violation_error_message=_(
                    "L’allocation va du plus petit montant au plus grand, ou reste vide."
                ),
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                name="offer_currency_is_a_three_letter_code",
                violation_error_message=_("La monnaie est un code de trois lettres majuscules, comme CAD."),
            ),
            models.CheckConstraint(
                condition=Q(time_zone__regex=r"^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$"),
                name="offer_time_zone_is_an_area_and_a_city",
                violation_error_message=_("Le fuseau horaire a la forme America/Toronto."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "PUBLISHED", "CANCELLED"]), name="offer_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status="DRAFT", published_at__isnull=True)
                | (
                    Q(status__in=["PUBLISHED", "CANCELLED"], published_at__isnull=False, number__isnull=False)
                    & (~Q(contact_email="") | ~Q(contact_phone=""))
                ),
                name="published_offer_has_number_contact_and_instant",
                violation_error_message=_(
                    "Une offre publiée a un numéro, un contact et une date de publication."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or _('sans numéro')} — {self.organisation_short or self.organisation}"

    def get_absolute_url(self) -> str:
        """Return the address of the offer's public page, or of the list if the offer has no number."""
        return reverse("offers:page", args=[self.number]) if self.number else reverse("offers:list")

    def clean(self) -> None:
        """Raise unless this machine's time zone database has `time_zone`.

        :raises ValidationError: with code `unknown_time_zone`.
        """
        super().clean()
        try:
            zoneinfo.ZoneInfo(self.time_zone)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
            message = _("« %(name)s » n’est pas un fuseau horaire connu.") % {"name": self.time_zone}
            raise ValidationError(
                {"time_zone": ValidationError(message, code="unknown_time_zone")}
            ) from error

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone of the offer's days and hours."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def opening(self) -> datetime:
        """`opens_at` in the offer's zone, for pages."""
        return self.opens_at.astimezone(self.zone)

    @property
    def closing(self) -> datetime:
        """`closes_at` (exclusive) in the offer's zone, for pages."""
        return self.closes_at.astimezone(self.zone)

    @property
    def last_open_day(self) -> date:
        """The day, in the offer's own zone, of the last instant before its closing."""
        return (self.closes_at - _CLOCK_STEP).astimezone(self.zone).date()

    @property
    def days(self) -> int:
        """The length in days, first and last included."""
        return (self.ends_on - self.starts_on).days + 1

    @property
    def weeks(self) -> int:
        """The length in weeks, first and last day included, rounded and at least 1."""
        return max(1, round(self.days / 7))

    @property
    def is_published(self) -> bool:
        """True if the offer was ever published; it may be cancelled."""
        return self.status != self.Status.DRAFT

    def phase(self, at: datetime) -> OfferPhase:
        """Return the phase of the offer at `at` (aware). A draft is treated as published."""
        if self.status == self.Status.CANCELLED:
            return OfferPhase.CANCELLED
        return phase_between(opens_at=self.opens_at, closes_at=self.closes_at, at=at)

    def is_open(self, at: datetime) -> bool:
        """True if `at` (aware) is in the filing period of a published offer."""
        return self.status == self.Status.PUBLISHED and self.phase(at).is_open
