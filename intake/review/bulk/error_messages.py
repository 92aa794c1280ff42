"""Messages about submissions that a bulk run left unchanged, for the user who started it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.review.access.errors import InConflictError, NotOnCommitteeError, OwnSubmissionError
from intake.review.claims.errors import FileClaimedError
from intake.review.decisions.errors import DecisionPendingError
from intake.review.pages.labels import CANCELLED, CONFLICT_MESSAGE, UPHELD, state_label
from intake.submissions.lifecycle.errors import (
    HumanReviewPendingError,
    HumanReviewUpheldError,
    MoveNotAllowedError,
    OfferCancelledError,
    ReasonMissingError,
    StaleSubmissionError,
)

from .dry_run import IN_ANOTHER_RUN

_SENTENCES = {
    HumanReviewPendingError.code: gettext_lazy(
        "Sous réserve : une personne juge d’abord ce que les règles refusent."
    ),
    HumanReviewUpheldError.code: UPHELD,
    OfferCancelledError.code: CANCELLED,
    IN_ANOTHER_RUN: gettext_lazy("Elle attend déjà son tour dans une autre action."),
    FileClaimedError.code: gettext_lazy("Une autre personne a ce dossier en main."),
    DecisionPendingError.code: gettext_lazy(
        "Une décision préparée attend d’être annoncée : elle passe d’abord, ou se retire de son lot."
    ),
    ReasonMissingError.code: gettext_lazy("Il manquait le motif."),
    NotOnCommitteeError.code: gettext_lazy("Elle n’est plus des vôtres."),
    OwnSubmissionError.code: CONFLICT_MESSAGE,
    InConflictError.code: CONFLICT_MESSAGE,
}


def refusal_message(code: str, *, state: str) -> str:
    """Return the message of the refusal `code`; `state` is the submission's state."""
    label = {"state": state_label(state).label if state else "—"}
    if code == MoveNotAllowedError.code:
        return _("Pas permis à partir de l’état « %(state)s ».") % label
    if code == StaleSubmissionError.code:
        return _("Quelqu’un l’a fait avancer depuis l’aperçu : elle est dans l’état « %(state)s ».") % label
    if code in _SENTENCES:
        return str(_SENTENCES[code])
    return _("Refusée pour une raison qui n’est pas prévue ici (%(code)s).") % {"code": code}
