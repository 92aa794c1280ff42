"""Profile of a candidate, reused between submissions, and acceptances of notices.

Every field may be missing: an empty value means *not given*, never *no*. A profile prefills drafts; after a filing
nothing reads it.
"""

import datetime as dt
import re

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User

EARLIEST_BIRTH = dt.date(1900, 1, 1)
_CANADIAN_POSTAL_CODE = r"^[A-Z][0-9][A-Z] [0-9][A-Z][0-9]$"


class Province(models.TextChoices):
    """Provinces and territories of Canada by two-letter code, Québec first; OUTSIDE stands for another country."""

    QC = "QC", _("Québec")
    AB = "AB", _("Alberta")
    BC = "BC", _("Colombie-Britannique")
    PE = "PE", _("Île-du-Prince-Édouard")
    MB = "MB", _("Manitoba")
    NB = "NB", _("Nouveau-Brunswick")
    NS = "NS", _("Nouvelle-Écosse")
    NU = "NU", _("Nunavut")
    ON = "ON", _("Ontario")
    SK = "SK", _("Saskatchewan")
    NL = "NL", _("Terre-Neuve-et-Labrador")
    NT = "NT", _("Territoires du Nord-Ouest")
    YT = "YT", _("Yukon")
    OUTSIDE = "OUTSIDE", _("Hors du Canada")


class LegalStatus(models.TextChoices):
    """A person's status in Canada, with the codes of the facts' JSON (`docs/contracts.md`)."""

    CITIZEN = "CITIZEN", _("Citoyenneté canadienne")
    PERMANENT_RESIDENT = "PERMANENT_RESIDENT", _("Résidence permanente")
    PROTECTED_PERSON = "PROTECTED_PERSON", _("Personne protégée ou réfugiée reconnue")
    ASYLUM_CLAIMANT = "ASYLUM_CLAIMANT", _("Demande d’asile en cours")
    TEMPORARY_PERMIT = "TEMPORARY_PERMIT", _("Permis temporaire (études, travail ou visite)")
    OTHER = "OTHER", _("Autre situation")


def is_canadian_postal_code(text: str) -> bool:
    """True if `text` is a Canadian postal code as profiles store it, for example `G1R 4Y8`."""
    return re.fullmatch(_CANADIAN_POSTAL_CODE, text) is not None


def _one_of(field: str, choices: type[models.TextChoices]) -> models.Q:
    return models.Q(**{f"{field}__in": ["", *choices.values]})


class Profile(models.Model):
    """What one user states about themselves."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="profile", verbose_name=_("compte")
    )
    first_name = models.CharField(_("prénom"), max_length=200, blank=True)
    last_name = models.CharField(_("nom"), max_length=200, blank=True)
    birth_date = models.DateField(_("date de naissance"), null=True, blank=True)
    phone = models.CharField(_("téléphone"), max_length=32, blank=True)
    """As `fields.stored_phone` says."""
    address_line = models.CharField(_("adresse"), max_length=200, blank=True)
    city = models.CharField(_("ville"), max_length=200, blank=True)
    province = models.CharField(_("province"), max_length=16, choices=Province, blank=True)
    postal_code = models.CharField(_("code postal"), max_length=16, blank=True)
    legal_status = models.CharField(_("statut au Canada"), max_length=32, choices=LegalStatus, blank=True)
    domicile_province = models.CharField(
        _("province du domicile"), max_length=16, choices=Province, blank=True
    )
    quebec_resident_since = models.DateField(_("réside au Québec depuis le"), null=True, blank=True)
    resident_for_health_insurance = models.BooleanField(
        _("réside au Québec au sens de l’assurance maladie"), null=True, blank=True
    )
    resident_for_tax = models.BooleanField(_("réside au Québec au sens de l’impôt"), null=True, blank=True)
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True)

    class Meta:
        verbose_name = _("profil")
        verbose_name_plural = _("profils")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(birth_date__isnull=True) | models.Q(birth_date__gte=EARLIEST_BIRTH),
                name="profiles_profile_birth_date_is_plausible",
            ),
            models.CheckConstraint(
                condition=models.Q(quebec_resident_since__isnull=True)
                | models.Q(birth_date__isnull=True)
                | models.Q(GreaterThanOrEqual(models.F("quebec_resident_since"), models.F("birth_date"))),
                name="profiles_profile_resides_after_being_born",
            ),
            models.CheckConstraint(
                condition=_one_of("province", Province), name="profiles_profile_province_is_known"
            ),
            models.CheckConstraint(
                condition=_one_of("domicile_province", Province),
                name="profiles_profile_domicile_province_is_known",
            ),
            models.CheckConstraint(
                condition=_one_of("legal_status", LegalStatus), name="profiles_profile_legal_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(phone="")
                | models.Q(phone__regex=r"^\+[1-9][0-9]{3,14}(;ext=[0-9]{1,8})?$"),
                name="profiles_profile_phone_is_international",
            ),
            models.CheckConstraint(
                condition=models.Q(postal_code="")
                | models.Q(province__in=["", Province.OUTSIDE])
                | models.Q(postal_code__regex=_CANADIAN_POSTAL_CODE),
                name="profiles_profile_postal_code_is_canadian_in_canada",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or str(_("Profil à remplir"))

    @property
    def full_name(self) -> str:
        """First and last names, or an empty text."""
        return f"{self.first_name} {self.last_name}".strip()


class NoticeAcceptance(models.Model):
    """A user's acceptance of one version of a notice. Append-only."""

    user = models.ForeignKey(
        User, on_delete=models.RESTRICT, related_name="notice_acceptances", verbose_name=_("compte")
    )
    notice = models.CharField(_("avis"), max_length=32)
    version = models.CharField(_("version"), max_length=16)
    at = models.DateTimeField(_("accepté le"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("avis accepté")
        verbose_name_plural = _("avis acceptés")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "notice", "version"], name="profiles_a_notice_is_accepted_once_per_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.version}"
