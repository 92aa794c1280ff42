"""Messages of a refused move or complement request, for the user who made it."""

from django.utils.translation import gettext as _

from intake.dossiers.services import AnonymisedError
from intake.register.errors import NoKeyError
from intake.review.access.errors import InConflictError, OwnSubmissionError
from intake.review.claims.errors import FileClaimedError
from intake.review.claims.views import claimed_message
from intake.review.decisions.errors import FiledErasedError
from intake.review.decisions.labels import REFUSALS
from intake.review.pages import labels
from intake.submissions.lifecycle.errors import (
    ComplementOpenError,
    HumanReviewPendingError,
    HumanReviewUpheldError,
    MoveNotAllowedError,
    OfferCancelledError,
    StaleSubmissionError,
    SubmissionError,
)

from .errors import AnonymousReviewError


def human_review_pending_message() -> str:
    """Return why a file whose human review is pending cannot be moved."""
    return _(
        "Cette candidature est sous réserve : elle attend le jugement d’une personne sur ce que les règles refusent, "
        "et rien d’autre ne la fait avancer. Rien n’a été changé."
    )


def refusal_message(refusal: Exception) -> str:
    """Return why a move was refused, for the user who made it."""
    match refusal:
        case StaleSubmissionError():
            return _(
                "Une autre personne a fait avancer cette candidature entre-temps ; elle est maintenant dans l’état "
                "« %(state)s ». Rien n’a été changé."
            ) % {"state": refusal.state.label}
        case HumanReviewPendingError() | HumanReviewUpheldError():
            return (
                human_review_pending_message()
                if isinstance(refusal, HumanReviewPendingError)
                else str(labels.UPHELD)
            )
        case OfferCancelledError():
            return str(labels.CANCELLED)
        case MoveNotAllowedError() if not isinstance(refusal, ComplementOpenError):
            return _(
                "Ce changement n’est pas permis à partir de l’état « %(state)s ». Rien n’a été changé."
            ) % {"state": refusal.state.label}
        case SubmissionError() | NoKeyError():
            return _stage_refusal_message(refusal)
        case _:
            return _access_refusal_message(refusal)


def _access_refusal_message(refusal: Exception) -> str:
    """Return why this user may not move the file, or not now."""
    match refusal:
        case FileClaimedError():
            return claimed_message(refusal)
        case OwnSubmissionError() | InConflictError():
            return str(labels.CONFLICT_MESSAGE)
        case AnonymousReviewError():
            return str(labels.ANONYMOUS_REVIEW_MESSAGE)
        case AnonymisedError():
            return str(REFUSALS[FiledErasedError.code])
        case _:
            return _("Cette candidature n’est pas des vôtres. Rien n’a été changé.")


def _stage_refusal_message(refusal: SubmissionError | NoKeyError) -> str:
    """Return why a stage cannot begin or end, or why a file that its candidate may complete must wait."""
    if isinstance(refusal, NoKeyError):
        return _(
            "Le registre des stages n’a pas de clé : la personne ne peut pas y être inscrite. Demandez à qui exploite "
            "le portail de la lui donner. Rien n’a été changé."
        )
    return " ".join((str(REFUSALS[refusal.code]), _("Rien n’a été changé.")))
