"""Errors of the operations, each with a stable code and the data that its message needs."""

from datetime import datetime
from typing import ClassVar

from intake.submissions.models import Submission
from intake.submissions.states import Action, State


class SubmissionError(Exception):
    """Base class. `code` is stable and in English; the views have the messages."""

    code: ClassVar[str] = "REFUSED"


class OfferNotOpenError(SubmissionError):
    """The candidate may not file at this instant: offer not yet open or cancelled, or filing window over.

    A filing that is refused under the lock sets what it read there: `submission` with its window, and `at`, the
    database's transaction timestamp (UTC).
    """

    code = "OFFER_NOT_OPEN"

    def __init__(self, *, submission: Submission | None = None, at: datetime | None = None) -> None:
        super().__init__(f"nothing may be filed at {at}")
        self.submission = submission
        self.at = at


class DraftClosedError(SubmissionError):
    """The draft was filed or discarded, and no longer changes."""

    code = "DRAFT_CLOSED"


class DraftGoneError(DraftClosedError):
    """The draft was deleted after it was read: amendment discarded, or submission withdrawn."""

    code = "DRAFT_GONE"


class StaleDraftError(SubmissionError):
    """The draft was saved elsewhere after the page was displayed."""

    code = "STALE_DRAFT"

    def __init__(self, *, saved_at: datetime | None) -> None:
        super().__init__(f"the draft was last saved at {saved_at}")
        self.saved_at = saved_at


class MoveNotAllowedError(SubmissionError):
    """The table has no such move from this state, or the actor may not make it."""

    code = "MOVE_NOT_ALLOWED"

    def __init__(self, *, action: Action, state: State) -> None:
        super().__init__(f"{action} is not allowed from {state}")
        self.action = action
        self.state = state


class HumanReviewPendingError(MoveNotAllowedError):
    """The human review is PENDING, and the move is not allowed during it."""

    code = "UNDER_RESERVE"


class ComplementOpenError(MoveNotAllowedError):
    """The candidate may still file the complement, until `due_at`, exclusive (UTC)."""

    code = "COMPLEMENT_RUNNING"

    def __init__(self, *, action: Action, due_at: datetime) -> None:
        super().__init__(action=action, state=State.COMPLEMENT_REQUESTED)
        self.due_at = due_at


class OfferCancelledError(SubmissionError):
    """The offer is cancelled: no complement is requested, and no move leads to its stage."""

    code = "OFFER_CANCELLED"


class AnnouncedMoveError(MoveNotAllowedError):
    """The candidate is notified of this move: only a decision batch, released by a second person, makes it."""

    code = "ANNOUNCED_MOVE"


class HumanReviewUpheldError(SubmissionError):
    """The human review is UPHELD: only JUDGE_AGAIN moves the submission."""

    code = "RESERVE_UPHELD"


class AlreadySelectedError(SubmissionError):
    """Another submission of the candidate is SELECTED or PLACED: at most one may be, over all offers."""

    code = "ALREADY_SELECTED"


class FindingUnconfirmedError(SubmissionError):
    """A finding that decides the verdict is contradicted, or not confirmed by a person: selection is refused."""

    code = "FINDING_UNCONFIRMED"


class ReasonMissingError(SubmissionError):
    """The move needs a reason."""

    code = "REASON_MISSING"


class StaleSubmissionError(SubmissionError):
    """Another user moved the submission after the page was displayed."""

    code = "STALE_SUBMISSION"

    def __init__(self, *, state: State) -> None:
        super().__init__(f"the submission now stands at {state}")
        self.state = state
