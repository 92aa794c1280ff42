"""Programmes, to which offers belong, and the wording that differs between them: the portal's own or as typed."""

from dataclasses import dataclass
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

DEFAULT_PROGRAMME = "STAGES-OIG"
"""Code of the programme for which the portal was built. Only this programme may use the portal's wording."""
DEFAULT_NAME = "Stages en organisations internationales gouvernementales"
_WORDING_FIELDS = ("dates_label", "allowance_label", "at_start", "lead", "next_steps")
_FIELD_MISSING_MESSAGE = _(
    "Ce texte manque. Un programme remplit les cinq ; seul le premier du portail peut les laisser tous vides."
)
_NO_WORDING = Q(**dict.fromkeys(_WORDING_FIELDS, ""))
_FULL_WORDING = Q(*(~Q(**{word: ""}) for word in _WORDING_FIELDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeWording:
    """The wording of pages, mails and PDF dossiers about the offers of one programme."""

    dates: StrOrPromise
    """Label of the period of an offer, from its first to its last day."""
    dates_short: StrOrPromise
    allowance: StrOrPromise
    """Label of the amount that an offer gives."""
    allowance_short: StrOrPromise
    at_start: StrOrPromise
    """Name of the first day of the period, within a sentence."""
    lead: StrOrPromise
    """One sentence: what the programme offers, and to whom."""
    next_steps: StrOrPromise
    """The next steps after the review of the submissions."""
    language: str = ""
    """Language of a programme's own wording, for `lang`; empty for the portal's wording, which is translated."""

    @property
    def are_the_portals(self) -> bool:
        """True if this is the wording of the programme for which the portal was built."""
        return not self.language


DEFAULT_WORDING = ProgrammeWording(
    dates=_("Dates du stage"),
    dates_short=_("Stage"),
    allowance=_("Allocation financière"),
    allowance_short=_("Allocation"),
    at_start=_("au début du stage"),
    lead=_(
        "Des stages payés d’environ six mois dans une organisation internationale, pour les personnes aux cycles "
        "supérieurs ou diplômées depuis peu."
    ),
    next_steps=_(
        "Des entrevues suivent ; elles évaluent aussi l’anglais. Le choix final revient "
        "souvent à l’organisation."
    ),
)


class Programme(models.Model):
    """A programme of offers: code, name and its own wording.

    The wording is data, in French, displayed as typed. It is all blank or all filled in: the portal's wording
    describes its first programme and would be wrong for another one.
    """

    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        help_text=_("Par exemple BOURSE-ARTISTES. Il ne change plus ensuite."),
    )
    name = models.CharField(_("nom du programme"), max_length=200)
    dates_label = models.CharField(
        _("libellé des dates"), max_length=60, blank=True, help_text=_("Par exemple « Dates du séjour ».")
    )
    allowance_label = models.CharField(
        _("libellé du montant"),
        max_length=60,
        blank=True,
        help_text=_("Par exemple « Montant de la bourse »."),
    )
    at_start = models.CharField(
        _("le début, dans une phrase"),
        max_length=60,
        blank=True,
        help_text=_("Par exemple « au début du séjour »."),
    )
    lead = models.CharField(
        _("ce que le programme offre"),
        max_length=250,
        blank=True,
        help_text=_("Une phrase : ce qui est offert, et à qui."),
    )
    next_steps = models.CharField(
        _("ce qui suit l’étude des candidatures"),
        max_length=250,
        blank=True,
        help_text=_("Une ou deux phrases : entrevues, choix final, dates."),
    )

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z0-9]+(-[A-Z0-9]+)*$"),
                name="programme_code_is_a_code",
                violation_error_message=_(
                    "Un code contient des majuscules sans accent, des chiffres et des traits d’union."
                ),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="programme_has_a_name"),
            models.CheckConstraint(
                condition=_FULL_WORDING | (Q(code=DEFAULT_PROGRAMME) & _NO_WORDING),
                name="programme_says_all_its_words",
                violation_error_message=_("Il manque des textes : un programme doit les avoir tous."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raise unless the wording is complete, with an error at each missing field.

        The constraint is not enough: a form with a read-only code skips all constraints that read the code, and the
        database then rejects the row.

        :raises ValidationError: by field, unless the wording is complete, or empty in the portal's first programme.
        """
        missing = [word for word in _WORDING_FIELDS if not getattr(self, word)]
        none_needed = self.code == DEFAULT_PROGRAMME and len(missing) == len(_WORDING_FIELDS)
        if missing and not none_needed:
            raise ValidationError(dict.fromkeys(missing, _FIELD_MISSING_MESSAGE))

    @property
    def words(self) -> ProgrammeWording:
        """The wording that pages, mails and PDF dossiers use for the programme's offers."""
        if not self.dates_label:
            return DEFAULT_WORDING
        return ProgrammeWording(
            dates=self.dates_label,
            dates_short=self.dates_label,
            allowance=self.allowance_label,
            allowance_short=self.allowance_label,
            at_start=self.at_start,
            lead=self.lead,
            next_steps=self.next_steps,
            language="fr-CA",
        )
