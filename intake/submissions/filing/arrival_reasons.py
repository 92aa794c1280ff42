"""Why an arrival was not filed, as staff read it in the journal."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.lifecycle.errors import (
    AnswersConflictError,
    DraftClosedError,
    DraftGoneError,
    MoveNotAllowedError,
    OfferNotOpenError,
    StaleDraftError,
)

from .evaluation import IncompleteError, NotEligibleError
from .operations import ArrivalExpiredError, ComplementChangedError

# The candidate reads `arrival_reason.html`, which says "your answers".
_REASONS: Final[dict[str, StrOrPromise]] = {
    IncompleteError.code: gettext_lazy("Il manquait une réponse ou un document que l’offre demande."),
    NotEligibleError.code: gettext_lazy("D’après les réponses, un critère de l’offre n’était pas respecté."),
    StaleDraftError.code: gettext_lazy(
        "Le brouillon avait changé dans une autre fenêtre ou sur un autre appareil."
    ),
    AnswersConflictError.code: gettext_lazy(
        "Deux fenêtres avaient donné des réponses différentes, et aucune n’était choisie."
    ),
    ComplementChangedError.code: gettext_lazy("Le complément demandé avait changé."),
    OutOfScopeChangeError.code: gettext_lazy(
        "Les changements ne faisaient pas tous partie du complément demandé."
    ),
    DraftGoneError.code: gettext_lazy("Ce brouillon n’existait plus."),
    DraftClosedError.code: gettext_lazy("Ce brouillon n’existait plus."),
    MoveNotAllowedError.code: gettext_lazy("L’état de la candidature ne permettait plus ce dépôt."),
    OfferNotOpenError.code: gettext_lazy("L’offre ne recevait plus de candidatures."),
    ArrivalExpiredError.code: gettext_lazy("Le portail n’avait pas terminé ce dépôt à temps."),
}


def _refusal_in_words(detail: str) -> str:
    """Return a detail such as `A-000012 INCOMPLETE` with a sentence; as it is if its code has none."""
    reference, _space, code = detail.partition(" ")
    reason = _REASONS.get(code)
    if reason is None:
        return detail
    values = {"reference": reference, "reason": reason, "code": code}
    return _("%(reference)s : %(reason)s (%(code)s)") % values


DETAIL_READERS: Final = dict.fromkeys(("ARRIVAL_REFUSED", "ARRIVAL_EXPIRED"), _refusal_in_words)
"""How the detail of an entry about an arrival is read in words, by action."""
