"""The text of an error in a log, and the data it keeps for its message to a person."""

import datetime as dt
from typing import Any

import pytest

from intake.review.assignment import errors as assignment_errors
from intake.review.decisions import errors as decisions_errors
from intake.review.evidence import errors as evidence_errors
from intake.review.exports import errors as exports_errors
from intake.review.marks import errors as marks_errors
from intake.review.models import DecisionBatch

AT = dt.datetime(2031, 5, 4, 12, 30, tzinfo=dt.UTC)
NUMBERS = ("2031-010-000001-3", "2031-010-000002-6")
DATA: dict[type[Exception], dict[str, Any]] = {
    decisions_errors.DecisionAlreadyPendingError: {"numbers": NUMBERS},
    decisions_errors.ComplementPendingError: {"numbers": NUMBERS},
    decisions_errors.MessageMissingError: {"numbers": NUMBERS},
    decisions_errors.NotDecidableError: {"numbers": NUMBERS},
    decisions_errors.BatchClosedError: {"state": DecisionBatch.State.SENT},
    decisions_errors.InstantPassedError: {"at": AT},
    decisions_errors.StaleChoiceError: {"rows": (3, 4), "numbers": NUMBERS},
    decisions_errors.TooManyChosenError: {"most": 50},
    assignment_errors.AssignmentNotAllowedError: {"refused": {(3, 4): "CONFLICT"}},
    evidence_errors.PageOutOfBoundsError: {"pages": 9},
    marks_errors.StaleAssessmentError: {"saved_at": AT},
    exports_errors.UnknownFormatError: {"file_format": "ods"},
    exports_errors.UnknownLanguageError: {"language": "eo"},
    marks_errors.UnmarkedError: {"lines": (2, 5)},
}
TEXTS: dict[str, str] = {
    "DecisionAlreadyPendingError": "awaited already: ('2031-010-000001-3', '2031-010-000002-6')",
    "ComplementPendingError": "still to be completed: ('2031-010-000001-3', '2031-010-000002-6')",
    "MessageMissingError": "no words for ('2031-010-000001-3', '2031-010-000002-6')",
    "NotDecidableError": "not decidable: ('2031-010-000001-3', '2031-010-000002-6')",
    "BatchClosedError": "the batch is SENT",
    "InstantPassedError": "not from 2031-05-04 12:30:00+00:00 to a year later",
    "StaleChoiceError": "changed since they were read: ('2031-010-000001-3', '2031-010-000002-6')",
    "TooManyChosenError": "more than 50 were chosen",
    "AssignmentNotAllowedError": "1 files cannot be read by those they would be given to",
    "PageOutOfBoundsError": "pages go from 1 to 9",
    "StaleAssessmentError": "the assessment was last saved at 2031-05-04 12:30:00+00:00",
    "UnknownFormatError": "no shortlist is written as 'ods'",
    "UnknownLanguageError": "no shortlist is written in 'eo'",
    "UnmarkedError": "2 marks are missing",
}


@pytest.mark.parametrize("error", DATA, ids=lambda error: error.__name__)
def test_an_error_says_what_it_is_about_and_keeps_it(error: type[Exception]) -> None:
    raised = error(**DATA[error])
    assert str(raised) == TEXTS[error.__name__]
    assert DATA[error].items() <= vars(raised).items()
