"""What the services refuse, each with a code and the data a page needs to say it (HOUSE rule 9)."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from intake.submissions.states import Action, State

if TYPE_CHECKING:
    from intake.submissions.models import Submission


class SubmissionError(Exception):
    """Something the services will not do. `code` is stable and in English; the words are the view's."""

    code: ClassVar[str] = "REFUSED"


class OfferNotOpenError(SubmissionError):
    """This person may not file at that instant: the offer is not yet open or is cancelled, or their time is over.

    A filing refused under its lock says what it read there: the `submission` with its window, and the instant `at` of
    the database (UTC).
    """

    code = "OFFER_NOT_OPEN"

    def __init__(self, *, submission: "Submission | None" = None, at: datetime | None = None) -> None:
        super().__init__(f"nothing may be filed at {at}")
        self.submission = submission
        self.at = at


class DraftClosedError(SubmissionError):
    """The draft was filed already, or let go, and no longer changes."""

    code = "DRAFT_CLOSED"


class DraftGoneError(DraftClosedError):
    """The draft is no more: its amendment was discarded, or the submission withdrawn, since it was read."""

    code = "DRAFT_GONE"


class StaleDraftError(SubmissionError):
    """The draft was saved elsewhere since the page was shown."""

    code = "STALE_DRAFT"

    def __init__(self, *, saved_at: datetime | None) -> None:
        super().__init__(f"the draft was last saved at {saved_at}")
        self.saved_at = saved_at


class MoveNotAllowedError(SubmissionError):
    """The table has no such move from this state, or this person may not make it."""

    code = "MOVE_NOT_ALLOWED"

    def __init__(self, *, action: Action, state: State) -> None:
        super().__init__(f"{action} is not allowed from {state}")
        self.action = action
        self.state = state


class HumanReviewPendingError(MoveNotAllowedError):
    """A person's judgement on what the rules refuse is awaited: nothing else moves the submission."""

    code = "UNDER_RESERVE"


class ComplementOpenError(MoveNotAllowedError):
    """The candidate still has time to send what is asked of them: until `due_at`, exclusive (UTC)."""

    code = "COMPLEMENT_RUNNING"

    def __init__(self, *, action: Action, due_at: datetime) -> None:
        super().__init__(action=action, state=State.COMPLEMENT_REQUESTED)
        self.due_at = due_at


class OfferCancelledError(SubmissionError):
    """The offer is cancelled: nobody is asked for anything, nor brought nearer a stage that will not take place."""

    code = "OFFER_CANCELLED"


class AnnouncedMoveError(MoveNotAllowedError):
    """The candidate is told of this move: a batch of decisions makes it, released by a second person."""

    code = "ANNOUNCED_MOVE"


class HumanReviewUpheldError(SubmissionError):
    """A person judged, finding by finding, that the rules refuse the file: that judgement alone is opened again."""

    code = "RESERVE_UPHELD"


class AlreadySelectedError(SubmissionError):
    """Another submission of the person is selected or placed already: at most one is, over all offers."""

    code = "ALREADY_SELECTED"


class FindingUnconfirmedError(SubmissionError):
    """A finding that decides the verdict is not confirmed by a person, or is contradicted: nobody is selected on it."""

    code = "FINDING_UNCONFIRMED"


class ReasonMissingError(SubmissionError):
    """The move needs a reason in words."""

    code = "REASON_MISSING"


class StaleSubmissionError(SubmissionError):
    """Somebody else moved the submission since the page was shown."""

    code = "STALE_SUBMISSION"

    def __init__(self, *, state: State) -> None:
        super().__init__(f"the submission now stands at {state}")
        self.state = state
