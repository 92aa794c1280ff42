"""Declarations that a candidate accepts when filing. The seal keeps the text and version that were displayed."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Declaration:
    """One checkbox of the filing form. A change of `text` needs a new `version`."""

    key: str
    version: str
    text: Promise
    missing: Promise
    """Error if it is not accepted."""


DECLARATIONS = (
    Declaration(
        "truth",
        "2026-11",
        _(
            "Je déclare que les renseignements et les documents que je dépose sont exacts, complets et les miens."
        ),
        _("Cochez la déclaration sur l’exactitude de vos renseignements."),
    ),
    Declaration(
        "consent",
        "2026-12.2",
        _(
            "J’ai lu l’avis de collecte. Je consens à ce que mes renseignements servent à étudier ma candidature. Si "
            "elle est présélectionnée, je consens à ce que l’organisation nommée dans l’offre les étudie aussi."
        ),
        _("Cochez le consentement à l’étude de votre candidature."),
    ),
)
