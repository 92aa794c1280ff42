"""Errors of the operations: code, data and message of each.

`bulk_message` and `decision_message` are the sentences of a line of a bulk run and of a decision batch, where they
differ from `message`.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from intake.base.portal_error import PortalError
from intake.submissions.models import Submission
from intake.submissions.states import Action, State


class SubmissionError(PortalError):
    """Base class."""

    code = "REFUSED"


class OfferNotOpenError(SubmissionError):
    """The candidate may not file at this instant: offer not yet open or cancelled, or filing window over.

    A filing that is refused under the lock sets what it read there: `submission` with its window, and `at`, the
    database's transaction timestamp (UTC).
    """

    code = "OFFER_NOT_OPEN"
    message = _("L’offre ne reçoit plus de candidatures. Rien n’a changé.")

    def __init__(self, *, submission: Submission | None = None, at: datetime | None = None) -> None:
        self.submission = submission
        self.at = at


class DraftClosedError(SubmissionError):
    """The draft was filed or discarded, and no longer changes."""

    code = "DRAFT_CLOSED"
    message = _("Cette candidature est déjà déposée.")


class DraftGoneError(DraftClosedError):
    """The draft was deleted after it was read: amendment discarded, or submission withdrawn."""

    code = "DRAFT_GONE"


class DraftArrivedError(DraftClosedError):
    """The draft waits to be filed as it is: its candidate pressed *Déposer*."""

    code = "DRAFT_ARRIVED"
    message = _("Votre candidature est arrivée et nous la déposons : elle ne change plus.")


class StaleDraftError(SubmissionError):
    """The draft was saved elsewhere after the page was displayed."""

    code = "STALE_DRAFT"

    def __init__(self, *, saved_at: datetime | None) -> None:
        self.saved_at = saved_at


class AnswersConflictError(SubmissionError):
    """Two pages answer a question differently, and the candidate has not chosen."""

    code = "ANSWERS_CONFLICT"


class MoveNotAllowedError(SubmissionError):
    """The table has no such move from this state, or the actor may not make it."""

    code = "MOVE_NOT_ALLOWED"
    message = _("L’état « %(state)s » ne permet pas ce changement. Rien n’a changé.")
    bulk_message = _("L’état « %(state)s » ne le permet pas.")
    decision_message = _("L’état de la candidature ne permet plus cette décision.")

    def __init__(self, *, action: Action, state: State) -> None:
        self.action = action
        self.state = state


class HumanReviewPendingError(MoveNotAllowedError):
    """The human review is PENDING, and the move is not allowed during it."""

    code = "UNDER_RESERVE"
    message = _(
        "Une révision est demandée pour cette candidature. Révisez d’abord chaque critère "
        "en cause. Rien n’a changé."
    )
    bulk_message = _("Révision demandée : révisez d’abord chaque critère en cause.")
    decision_message = _("La candidature est en révision : révisez d’abord chaque critère en cause.")


class ComplementOpenError(MoveNotAllowedError):
    """The candidate may still file the complement, until `due_at`, exclusive (UTC)."""

    code = "COMPLEMENT_RUNNING"
    message = decision_message = _(
        "Un complément est demandé, et la personne candidate a encore le temps de "
        "répondre. Attendez la fin du délai avant de décider."
    )

    def __init__(self, *, action: Action, due_at: datetime) -> None:
        super().__init__(action=action, state=State.COMPLEMENT_REQUESTED)
        self.due_at = due_at


class OfferCancelledError(SubmissionError):
    """The offer is cancelled: no complement is requested, and no move leads to its stage."""

    code = "OFFER_CANCELLED"
    message = _(
        "L’offre est annulée et le stage n’aura pas lieu. Seule la décision « Ne pas "
        "retenir » reste possible."
    )


class AnnouncedMoveError(MoveNotAllowedError):
    """The candidate is notified of this move: only a decision batch, released by a second person, makes it."""

    code = "ANNOUNCED_MOVE"


class HumanReviewUpheldError(SubmissionError):
    """The human review is UPHELD: only JUDGE_AGAIN moves the submission."""

    code = "RESERVE_UPHELD"
    message = _(
        "La révision est terminée et la personne candidate a reçu chaque motif. Rouvrir la "
        "révision permet de réviser de nouveau chaque critère en cause."
    )


class AlreadySelectedError(SubmissionError):
    """Another submission of the candidate is SELECTED or PLACED: at most one may be, over all offers."""

    code = "ALREADY_SELECTED"
    message = _("Cette personne est déjà retenue, ou en stage, pour une autre offre.")


class FindingUnconfirmedError(SubmissionError):
    """A finding that decides the verdict is contradicted, or not confirmed by a person: selection is refused."""

    code = "FINDING_UNCONFIRMED"
    message = _(
        "Un constat qui décide de l’admissibilité est contredit, ou n’est pas confirmé d’après les documents."
    )


class ReasonMissingError(SubmissionError):
    """The move needs a reason."""

    code = "REASON_MISSING"
    message = _("Il manque le motif.")
    bulk_message = _("Il manquait le motif.")


class StaleSubmissionError(SubmissionError):
    """Another user moved the submission after the page was displayed."""

    code = "STALE_SUBMISSION"
    message = _(
        "Une autre personne a changé l’état de cette candidature, qui est maintenant "
        "« %(state)s ». Rien n’a changé de votre part."
    )
    bulk_message = _("Son état a changé depuis l’aperçu : « %(state)s ».")
    decision_message = _("La candidature a changé depuis la préparation de cette décision.")

    def __init__(self, *, state: State) -> None:
        self.state = state
