"""The words that differ from one programme to another: the portal's own, translated, or a programme's, as typed."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Word = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeWording:
    """What pages, mails and dossiers say of the offers of one programme."""

    dates: Word
    """Names the days that an offer is about, from the first to the last."""
    dates_short: Word
    allowance: Word
    """Names the amount that an offer gives."""
    allowance_short: Word
    at_start: Word
    """Names the first of those days within a sentence."""
    lead: Word
    """One sentence: what the programme gives, and to whom."""
    next_steps: Word
    """What follows once candidatures were studied."""
    language: str = ""
    """That of words that are not the page's own, for `lang`; empty for the portal's, which are translated."""

    @property
    def are_the_portals(self) -> bool:
        """Say whether these are the words of the programme for which the portal was made."""
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
