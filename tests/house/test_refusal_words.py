"""The page has a message for every error of a move or of a complement request."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType

import pytest

from intake.review.access import errors as review_errors
from intake.review.access import impartiality
from intake.review.claims import errors as claims_errors
from intake.review.claims import operations as claiming
from intake.review.claims import queries
from intake.review.decisions.errors import DecisionPendingError
from intake.review.moves import operations as moves_operations
from intake.review.moves.error_messages import refusal_message
from intake.submissions.complements import operations as complements_operations
from intake.submissions.lifecycle import complement_endings, participation
from intake.submissions.lifecycle import errors as submission_errors
from intake.submissions.lifecycle import operations as lifecycle_operations
from intake.submissions.states import State

BY_NAME = {claims_errors.FileClaimedError, DecisionPendingError, submission_errors.AnnouncedMoveError}
"""Errors that pages catch by class: they show more than a sentence, or their operation is not on a page."""
NOT_THEIRS = "n’est pas des vôtres"
"""Part of the default message, which is true for one error only."""


def _named(module: ModuleType) -> Iterator[type[Exception]]:
    """Yield the error classes that the module names."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        found = getattr(module, node.id, None) if isinstance(node, ast.Name) else None
        if isinstance(found, type) and issubclass(
            found, submission_errors.SubmissionError | review_errors.ReviewError
        ):
            yield found


def _refusals() -> list[type[Exception]]:
    rooms = (
        lifecycle_operations,
        complements_operations,
        complement_endings,
        participation,
        moves_operations,
        claiming,
        queries,
        impartiality,
    )
    found = {refusal for room in rooms for refusal in _named(room)} - BY_NAME
    bases = {submission_errors.SubmissionError, review_errors.ReviewError}
    return sorted(found - bases, key=lambda refusal: refusal.__name__)


def test_those_that_are_known_are_among_them() -> None:
    names = {refusal.__name__ for refusal in _refusals()}
    assert names >= {
        "AlreadySelectedError",
        "AnonymousReviewError",
        "ComplementOpenError",
        "ComplementTooLateError",
        "ComplementTooSoonError",
        "FindingUnconfirmedError",
        "InConflictError",
        "NotOnCommitteeError",
        "EmptyComplementError",
        "OfferCancelledError",
        "OwnSubmissionError",
        "StaleSubmissionError",
        "HumanReviewPendingError",
    }


@pytest.mark.parametrize("refusal", _refusals(), ids=lambda refusal: refusal.__name__)
def test_it_has_words(refusal: type[Exception]) -> None:
    error = refusal.__new__(refusal)  # built without its data: a class attribute below stands in for it
    error.state = State.SUBMITTED  # type: ignore[attr-defined]  # -- only some classes read `state`
    said = refusal_message(error)
    assert said
    assert (NOT_THEIRS in said) == (refusal is review_errors.NotOnCommitteeError), said
