"""Labels of verdict and finding codes in dossiers and receipts. Both documents are in French."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class OutcomeLabel(NamedTuple):
    """Label and tone. `tone` selects the colour: `met`, `human`, `not-met` or `unknown`."""

    label: str | Promise
    tone: str


OUTCOMES: dict[str, OutcomeLabel] = {
    "MET": OutcomeLabel(_("Respecté"), "met"),
    "NOT_MET": OutcomeLabel(_("Non respecté"), "not-met"),
    "UNKNOWN": OutcomeLabel(_("Réponse manquante"), "unknown"),
    "HUMAN": OutcomeLabel(_("À examiner par une personne"), "human"),
}
VERDICTS: dict[str, OutcomeLabel] = {
    "ELIGIBLE": OutcomeLabel(_("Admissible d’après les réponses déposées"), "met"),
    "NEEDS_REVIEW": OutcomeLabel(_("Un critère est à examiner par une personne"), "human"),
    "INCOMPLETE": OutcomeLabel(_("Des réponses manquent pour conclure"), "unknown"),
    "INELIGIBLE": OutcomeLabel(_("Non admissible d’après les réponses ; déposée sous réserve"), "not-met"),
}
