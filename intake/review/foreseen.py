"""What would refuse each decision of a batch if it left now. The sending judges again, under its locks."""

from collections.abc import Iterable, Mapping
from typing import Final

from intake.submissions.errors import (
    AlreadySelectedError,
    FindingUnconfirmedError,
    MoveNotAllowedError,
    StaleSubmissionError,
    UnderReserveError,
)
from intake.submissions.models import Submission
from intake.submissions.states import HELD, TABLE, Action, Reserve, State

from .announced import lacks_words
from .decision_errors import FiledErasedError, MessageMissingError
from .models import DecisionItem
from .verifying import unconfirmed_among

_ON_EVIDENCE: Final = frozenset({Action.SELECT})
"""What is done only once a person confirmed each finding that decides the verdict."""


def foreseen_refusals(items: Iterable[DecisionItem]) -> dict[int, str]:
    """Return the code of what would refuse each of `items`, by its number; those that would pass are not in it.

    Read them by `deciding.items_of`. Three queries whatever their number.
    """
    rows = list(items)
    held = _held([row.submission for row in rows])
    unconfirmed = unconfirmed_among([filing for row in rows if (filing := row.submission.standing_filing)])
    found: dict[int, str] = {}
    for row in rows:
        action, submission = Action(row.action), row.submission
        selects = TABLE[action].target in HELD
        if row.version is not None and row.version != submission.version:
            found[row.pk] = StaleSubmissionError.code
        elif State(submission.state) not in TABLE[action].sources:
            found[row.pk] = MoveNotAllowedError.code
        elif submission.reserve == Reserve.PENDING:
            found[row.pk] = UnderReserveError.code
        elif _is_erased(submission):
            found[row.pk] = FiledErasedError.code
        elif lacks_words(action, row.batch.word, row.message):
            found[row.pk] = MessageMissingError.code
        elif selects and held.get(submission.candidate_id, submission.pk) != submission.pk:
            found[row.pk] = AlreadySelectedError.code
        elif action in _ON_EVIDENCE and submission.standing_filing_id in unconfirmed:
            found[row.pk] = FindingUnconfirmedError.code
    return found


def _is_erased(submission: Submission) -> bool:
    filing = submission.standing_filing
    return filing is None or filing.seal.canonical is None


def _held(submissions: Iterable[Submission]) -> Mapping[int, int]:
    """Return, by candidate, the submission by which they are selected or placed."""
    people = {submission.candidate_id for submission in submissions}
    rows = Submission.objects.filter(candidate__in=people, state__in=HELD)
    return dict(rows.values_list("candidate", "pk"))
