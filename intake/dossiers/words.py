"""The words of the dossier and the receipt for the codes of a verdict; both are in French, as they are filed."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Word(NamedTuple):
    """What is read, and the colour it is read in (`met`, `human`, `not-met`, `unknown`)."""

    label: str | Promise
    tone: str


OUTCOMES: dict[str, Word] = {
    "MET": Word(_("Respecté"), "met"),
    "NOT_MET": Word(_("Non respecté"), "not-met"),
    "UNKNOWN": Word(_("Réponse manquante"), "unknown"),
    "HUMAN": Word(_("À examiner par une personne"), "human"),
}
VERDICTS: dict[str, Word] = {
    "ELIGIBLE": Word(_("Admissible d’après les réponses déposées"), "met"),
    "NEEDS_REVIEW": Word(_("Un critère est à examiner par une personne"), "human"),
    "INCOMPLETE": Word(_("Des réponses manquent pour conclure"), "unknown"),
    "INELIGIBLE": Word(_("Non admissible d’après les réponses ; déposée sous réserve"), "not-met"),
}
