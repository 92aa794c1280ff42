"""Register of confidentiality incidents: each incident, and what was learned and done since. Append-only.

Regulation respecting confidentiality incidents (A-2.1, r. 3.1), s. 7: what the register contains; s. 8: it is kept up
to date, and kept for five years after the body became aware of the incident. Nothing here is ever deleted.
"""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User

TEXT_MAX = 4_000
"""Characters of one text of the register."""


class Risk(models.TextChoices):
    """Whether the incident presents a risk of serious injury (access act, s. 63.8 and 63.10)."""

    UNKNOWN = "UNKNOWN", _("À évaluer")
    NOT_SERIOUS = "NOT_SERIOUS", _("Aucun risque sérieux")
    SERIOUS = "SERIOUS", _("Risque sérieux")


class Incident(models.Model):
    """One confidentiality incident, as it was first entered. `IncidentUpdate` has what follows."""

    class Kind(models.TextChoices):
        """Kinds of the access act, s. 63.9."""

        ACCESS = "ACCESS", _("Accès non autorisé")
        USE = "USE", _("Utilisation non autorisée")
        DISCLOSURE = "DISCLOSURE", _("Communication non autorisée")
        LOSS = "LOSS", _("Perte")
        OTHER = "OTHER", _("Autre atteinte")

    kind = models.CharField(_("nature"), max_length=16, choices=Kind)
    information = models.TextField(_("renseignements visés"))
    circumstances = models.TextField(_("circonstances"))
    happened = models.CharField(_("date ou période de l’incident"), max_length=200)
    """A day, a period, or an approximation of it, as text."""
    known_on = models.DateField(_("connu le"))
    concerned = models.CharField(_("personnes concernées"), max_length=200)
    persons = models.PositiveIntegerField(_("nombre de personnes"))
    is_approximate = models.BooleanField(_("nombre approximatif"), default=False)
    risk = models.CharField(_("risque de préjudice sérieux"), max_length=16, choices=Risk)
    assessment = models.TextField(_("éléments de l’évaluation"), blank=True)
    author = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("inscrit par"))
    at = models.DateTimeField(_("inscrit le"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("incident de confidentialité")
        verbose_name_plural = _("incidents de confidentialité")
        default_permissions = ("add", "view")
        permissions = [
            ("read_registers", _("Peut lire les registres de la protection des renseignements personnels"))
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["ACCESS", "USE", "DISCLOSURE", "LOSS", "OTHER"]),
                name="incident_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(risk__in=["UNKNOWN", "NOT_SERIOUS", "SERIOUS"]), name="incident_risk_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(information="") & ~Q(circumstances="") & ~Q(happened="") & ~Q(concerned=""),
                name="an_incident_says_what_happened",
            ),
            models.CheckConstraint(
                condition=Q(risk="UNKNOWN") | ~Q(assessment=""), name="an_assessed_incident_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.known_on:%Y}-{self.pk}"


class IncidentUpdate(models.Model):
    """One thing learned or done about an incident. The register stays open to updates once it is closed."""

    class Kind(models.TextChoices):
        ASSESSED = "ASSESSED", _("Risque évalué")
        MEASURE = "MEASURE", _("Mesure prise")
        COMMISSION_NOTIFIED = "COMMISSION_NOTIFIED", _("Avis à la Commission d’accès à l’information")
        PERSONS_NOTIFIED = "PERSONS_NOTIFIED", _("Avis aux personnes concernées")
        PUBLIC_NOTICE = "PUBLIC_NOTICE", _("Avis public")
        CORRECTION = "CORRECTION", _("Précision ou correction")
        CLOSED = "CLOSED", _("Dossier fermé")

    incident = models.ForeignKey(Incident, models.RESTRICT, related_name="updates")
    kind = models.CharField(_("genre"), max_length=24, choices=Kind)
    done_on = models.DateField(_("date"))
    text = models.TextField(_("description"))
    risk = models.CharField(_("risque"), max_length=16, choices=Risk, blank=True)
    author = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("inscrit par"))
    at = models.DateTimeField(_("inscrit le"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("suite d’un incident")
        verbose_name_plural = _("suites d’un incident")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "ASSESSED",
                        "MEASURE",
                        "COMMISSION_NOTIFIED",
                        "PERSONS_NOTIFIED",
                        "PUBLIC_NOTICE",
                        "CORRECTION",
                        "CLOSED",
                    ]
                ),
                name="incident_update_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="an_incident_update_says_something"),
            models.CheckConstraint(
                condition=Q(kind="ASSESSED", risk__in=["NOT_SERIOUS", "SERIOUS"])
                | (~Q(kind="ASSESSED") & Q(risk="")),
                name="an_assessment_and_no_other_update_has_a_risk",
            ),
            models.UniqueConstraint(
                fields=["incident"], condition=Q(kind="CLOSED"), name="an_incident_is_closed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} · {self.kind}"
