"""What the services refuse, each with a code and the data a page needs to say it (HOUSE rule 9)."""

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from eligibility import Verdict
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


class NotAskedError(SubmissionError):
    """A complement is asked for, nothing else may be changed any more, and this was: see `sections` and `documents`.

    The first are keys of groups of questions, the others primary keys of the documents that the offer asks for.
    """

    code = "NOT_ASKED"

    def __init__(self, *, sections: tuple[str, ...] = (), documents: tuple[int, ...] = ()) -> None:
        super().__init__(f"not asked for: sections {sections}, documents {documents}")
        self.sections = sections
        self.documents = documents


class ComplementChangedError(SubmissionError):
    """Another complement is asked for than the one that the person read: nothing is filed before they read it."""

    code = "COMPLEMENT_CHANGED"


class NothingAskedError(SubmissionError):
    """A complement request asks for neither a document nor a group of questions."""

    code = "NOTHING_ASKED"


class ComplementTooSoonError(SubmissionError):
    """The candidate would be left too little time, or less than they were told: they may get until `earliest` (UTC)."""

    code = "COMPLEMENT_TOO_SOON"

    def __init__(self, *, earliest: datetime) -> None:
        super().__init__(f"a complement may be asked for until {earliest}, or later")
        self.earliest = earliest


class ComplementTooLateError(SubmissionError):
    """The stage would have started by then: it does on the day `starts_on`."""

    code = "COMPLEMENT_TOO_LATE"

    def __init__(self, *, starts_on: date) -> None:
        super().__init__(f"the stage starts on {starts_on}")
        self.starts_on = starts_on


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


class IncompleteError(SubmissionError):
    """Answers or documents are missing: `sections` and `documents` name them."""

    code = "INCOMPLETE"

    def __init__(self, *, sections: tuple[str, ...], documents: tuple[str, ...]) -> None:
        super().__init__(f"missing sections {sections}, documents {documents}")
        self.sections = sections
        self.documents = documents


class NotEligibleError(SubmissionError):
    """The verdict does not allow filing: INELIGIBLE, or INCOMPLETE by an answer the rules need."""

    code = "NOT_ELIGIBLE"

    def __init__(self, *, verdict: Verdict) -> None:
        super().__init__(f"the verdict is {verdict.outcome}")
        self.verdict = verdict


class DeclarationMissingError(SubmissionError):
    """A declaration was not accepted: `missing` holds their keys."""

    code = "DECLARATION_MISSING"

    def __init__(self, *, missing: tuple[str, ...]) -> None:
        super().__init__(f"not accepted: {missing}")
        self.missing = missing


class OwnExtensionError(SubmissionError):
    """Nobody gives themselves more time to file."""

    code = "OWN_EXTENSION"


class ExtendedMeanwhileError(SubmissionError):
    """The person's closing changed since the author read it: it is `closes_at`, an exclusive instant (UTC)."""

    code = "EXTENDED_MEANWHILE"

    def __init__(self, *, closes_at: datetime) -> None:
        super().__init__(f"the person may file until {closes_at}")
        self.closes_at = closes_at


class MoveNotAllowedError(SubmissionError):
    """The table has no such move from this state, or this person may not make it."""

    code = "MOVE_NOT_ALLOWED"

    def __init__(self, *, action: Action, state: State) -> None:
        super().__init__(f"{action} is not allowed from {state}")
        self.action = action
        self.state = state


class UnderReserveError(MoveNotAllowedError):
    """A person's judgement on what the rules refuse is awaited: nothing else moves the submission."""

    code = "UNDER_RESERVE"


class ComplementRunningError(MoveNotAllowedError):
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


class ReserveUpheldError(SubmissionError):
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


class TooManyResendsError(SubmissionError):
    """The receipt was mailed again as often as one day allows."""

    code = "TOO_MANY_RESENDS"


class StaleSubmissionError(SubmissionError):
    """Somebody else moved the submission since the page was shown."""

    code = "STALE_SUBMISSION"

    def __init__(self, *, state: State) -> None:
        super().__init__(f"the submission now stands at {state}")
        self.state = state


class NotToBeRuledError(SubmissionError):
    """No person's judgement is awaited on this finding, of this filing, by this person."""

    code = "NOT_TO_BE_RULED"


class RuledMeanwhileError(SubmissionError):
    """Somebody judged the finding since the actor read it."""

    code = "RULED_MEANWHILE"
