"""What the services of decisions refuse, each with a code and the data a page needs to say it (HOUSE rule 9)."""

from datetime import datetime

from intake.review.access.errors import ReviewError
from intake.review.models import DecisionBatch, DecisionItem


class BatchClosedError(ReviewError):
    """The batch is past what was asked of it: released, sent or called off meanwhile; `state` says which."""

    code = "BATCH_CLOSED"

    def __init__(self, *, state: DecisionBatch.State) -> None:
        super().__init__(f"the batch is {state}")
        self.state = state


class StaleBatchError(ReviewError):
    """The batch was changed since it was read: something else than what was read would be approved or overwritten."""

    code = "STALE_BATCH"


class NotThePreparerError(ReviewError):
    """Whoever prepared a batch alone changes it: a second person reads it whole, and approves it or not."""

    code = "NOT_THE_PREPARER"


class SecondPersonError(ReviewError):
    """The actor prepared the batch: another person approves it."""

    code = "SECOND_PERSON"


class PreparerConflictError(ReviewError):
    """Whoever prepared the batch applied to the offer, or is in conflict on it, by now: another person prepares one."""

    code = "BOUND_PREPARER"


class NothingChosenError(ReviewError):
    """A batch decides on one candidature at least."""

    code = "NOTHING_CHOSEN"


class TooManyChosenError(ReviewError):
    """A batch decides on `most` candidatures at most: nobody reads more messages at once."""

    code = "TOO_MANY_CHOSEN"

    def __init__(self, *, most: int) -> None:
        super().__init__(f"more than {most} were chosen")
        self.most = most


class NotDecidableError(ReviewError):
    """This cannot be decided of some of the candidatures, as they stand: `numbers` are their receipts'."""

    code = "NOT_DECIDABLE"

    def __init__(self, *, numbers: tuple[str, ...]) -> None:
        super().__init__(f"not decidable: {numbers}")
        self.numbers = numbers


class ComplementPendingError(ReviewError):
    """A complement may still be sent for some of the candidatures: `numbers` are their receipts'."""

    code = "BEING_COMPLETED"

    def __init__(self, *, numbers: tuple[str, ...]) -> None:
        super().__init__(f"still to be completed: {numbers}")
        self.numbers = numbers


class StaleChoiceError(ReviewError):
    """Some of the candidatures were moved, filed anew or judged since they were read: `numbers` are their receipts'."""

    code = "STALE_CHOSEN"

    def __init__(self, *, rows: tuple[int, ...], numbers: tuple[str, ...]) -> None:
        super().__init__(f"changed since they were read: {numbers}")
        self.rows = rows
        self.numbers = numbers


class DecisionAlreadyPendingError(ReviewError):
    """Some of the candidatures await the decision of another batch: `numbers` are their receipts'."""

    code = "ALREADY_AWAITED"

    def __init__(self, *, numbers: tuple[str, ...]) -> None:
        super().__init__(f"awaited already: {numbers}")
        self.numbers = numbers


class DecisionPendingError(ReviewError):
    """A decision prepared on the candidature waits to be announced: moved now, it would not be. `item` is that one."""

    code = "DECISION_AWAITED"

    def __init__(self, *, item: DecisionItem) -> None:
        super().__init__(f"decision {item.pk} waits")
        self.item = item


class MessageMissingError(ReviewError):
    """The message would not say what it must: an invitation when and where, an inadmissibility why.

    `numbers` are the receipts' of those who would read nothing.
    """

    code = "MESSAGE_MISSING"

    def __init__(self, *, numbers: tuple[str, ...]) -> None:
        super().__init__(f"no words for {numbers}")
        self.numbers = numbers


class LettersChangedError(ReviewError):
    """The messages are not those that were read: the offer, or whom to ask about it, was corrected since."""

    code = "LETTERS_CHANGED"


class RegisterMatchError(ReviewError):
    """The register may hold the person by a row that is newer than what stands on their once-only finding."""

    code = "REGISTER_MATCH"


class InstantPassedError(ReviewError):
    """The instant is past, or more than a year away: `at` was now."""

    code = "INSTANT_PASSED"

    def __init__(self, *, at: datetime) -> None:
        super().__init__(f"not from {at} to a year later")
        self.at = at


class FiledErasedError(ReviewError):
    """What was filed is erased: there is nobody left to write to."""

    code = "FILED_ERASED"


class StaleReserveListError(ReviewError):
    """The reserve list changed since it was read."""

    code = "STALE_RESERVE_LIST"
