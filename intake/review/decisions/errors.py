"""Errors of the decision operations. Each has a stable code and the data that its message needs."""

from datetime import datetime

from intake.review.access.errors import ReviewError
from intake.review.models import DecisionBatch, DecisionItem


class BatchClosedError(ReviewError):
    """The state of the batch does not allow the operation: it was released, sent or revoked. `state` is its state."""

    code = "BATCH_CLOSED"

    def __init__(self, *, state: DecisionBatch.State) -> None:
        super().__init__(f"the batch is {state}")
        self.state = state


class StaleBatchError(ReviewError):
    """The batch was changed since the actor read it: unread content would be approved or overwritten."""

    code = "STALE_BATCH"


class NotThePreparerError(ReviewError):
    """The actor did not prepare the batch. Only its preparer changes it; a second person only approves it."""

    code = "NOT_THE_PREPARER"


class SecondPersonError(ReviewError):
    """The actor prepared the batch: another person must approve it."""

    code = "SECOND_PERSON"


class PreparerConflictError(ReviewError):
    """The preparer is not impartial about the offer now: another person must prepare the batch."""

    code = "BOUND_PREPARER"


class NothingChosenError(ReviewError):
    """No submission was chosen: a batch decides on at least one."""

    code = "NOTHING_CHOSEN"


class TooManyChosenError(ReviewError):
    """More than `most` submissions were chosen: the approver must be able to read every message."""

    code = "TOO_MANY_CHOSEN"

    def __init__(self, *, most: int) -> None:
        super().__init__(f"more than {most} were chosen")
        self.most = most


class NotDecidableError(ReviewError):
    """The state or the human review of some submissions does not allow the decision. `numbers`: of their receipts."""

    code = "NOT_DECIDABLE"

    def __init__(self, *, numbers: tuple[str, ...]) -> None:
        super().__init__(f"not decidable: {numbers}")
        self.numbers = numbers


class ComplementPendingError(ReviewError):
    """The candidates of some submissions may still send a complement. `numbers`: of their receipts."""

    code = "BEING_COMPLETED"

    def __init__(self, *, numbers: tuple[str, ...]) -> None:
        super().__init__(f"still to be completed: {numbers}")
        self.numbers = numbers


class StaleChoiceError(ReviewError):
    """Some submissions were moved, filed again or ruled on since they were read.

    `rows` are their primary keys, `numbers` their receipts' numbers.
    """

    code = "STALE_CHOSEN"

    def __init__(self, *, rows: tuple[int, ...], numbers: tuple[str, ...]) -> None:
        super().__init__(f"changed since they were read: {numbers}")
        self.rows = rows
        self.numbers = numbers


class DecisionAlreadyPendingError(ReviewError):
    """Some submissions have a pending decision in another batch. `numbers`: of their receipts."""

    code = "ALREADY_AWAITED"

    def __init__(self, *, numbers: tuple[str, ...]) -> None:
        super().__init__(f"awaited already: {numbers}")
        self.numbers = numbers


class DecisionPendingError(ReviewError):
    """The submission has a pending decision, `item`, which could not be announced after this move."""

    code = "DECISION_AWAITED"

    def __init__(self, *, item: DecisionItem) -> None:
        super().__init__(f"decision {item.pk} waits")
        self.item = item


class MessageMissingError(ReviewError):
    """A message lacks a required text: time and place of an interview, or the reason of a refusal or retraction.

    `numbers` are the receipt numbers of the candidates whose message lacks it.
    """

    code = "MESSAGE_MISSING"

    def __init__(self, *, numbers: tuple[str, ...]) -> None:
        super().__init__(f"no words for {numbers}")
        self.numbers = numbers


class LettersChangedError(ReviewError):
    """The messages differ from those that were read: the offer or its contact was corrected since."""

    code = "LETTERS_CHANGED"


class RegisterMatchError(ReviewError):
    """A register row that is newer than the evidence on the once-only finding may be the candidate's."""

    code = "REGISTER_MATCH"


class InstantPassedError(ReviewError):
    """The release instant is before `at`, the current instant, or more than a year after it."""

    code = "INSTANT_PASSED"

    def __init__(self, *, at: datetime) -> None:
        super().__init__(f"not from {at} to a year later")
        self.at = at


class FiledErasedError(ReviewError):
    """The filed content is erased: the decision has no recipient."""

    code = "FILED_ERASED"


class StaleReserveListError(ReviewError):
    """The reserve list changed since it was read."""

    code = "STALE_RESERVE_LIST"
