"""The wording that differs between programmes: the portal's own, translated, or a programme's, as typed."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Word = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeWording:
    """The wording of pages, mails and PDF dossiers about the offers of one programme."""

    dates: Word
    """Label of the period of an offer, from its first to its last day."""
    dates_short: Word
    allowance: Word
    """Label of the amount that an offer gives."""
    allowance_short: Word
    at_start: Word
    """Name of the first day of the period, within a sentence."""
    lead: Word
    """One sentence: what the programme offers, and to whom."""
    next_steps: Word
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
        "Des entrevues suivent, où l’anglais est évalué. Le choix final revient souvent à l’organisation."
    ),
)
