"""Codes of what would refuse each decision of a batch now, and of what refused it, as one reader may see them.

Sending checks everything again under its locks. That a candidate is selected for another offer is shown only to readers
of the submission that is selected; other readers get `HiddenReasonError`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models import Exists, OuterRef

from intake.accounts.models import User
from intake.review.access.visibility import visible_submissions
from intake.review.evidence.queries import unconfirmed_among
from intake.review.evidence.register_recheck import positions_to_reconfirm
from intake.review.models import DecisionItem
from intake.submissions.lifecycle.errors import (
    AlreadySelectedError,
    ComplementOpenError,
    FindingUnconfirmedError,
    HumanReviewPendingError,
    MoveNotAllowedError,
    OfferCancelledError,
    StaleSubmissionError,
)
from intake.submissions.models import Submission
from intake.submissions.states import SELECTED_STATES, TABLE, Action, HumanReview, State

from .errors import FiledErasedError, HiddenReasonError, MessageMissingError, RegisterMatchError
from .letters import lacks_required_text
from .queries import awaiting_complement, leads_nowhere

_NEEDS_EVIDENCE: Final = frozenset({Action.SELECT})
"""Actions that need each finding that decides the verdict to be confirmed by a person."""

type _SelectedElsewhere = Mapping[int, tuple[int, bool]]
"""By candidate: primary key of the submission that is selected or placed, and whether the reader may see it."""


def predicted_refusals(items: Iterable[DecisionItem], *, reader: User) -> dict[int, str]:
    """Return the code of what would refuse each of `items`, by primary key, without those that would pass.

    Read `items` with `queries.items_of`. At most six queries for any number of items.
    """
    rows = list(items)
    selected = _selected_elsewhere((row.submission for row in rows), reader)
    unconfirmed = unconfirmed_among([filing for row in rows if (filing := row.submission.standing_filing)])
    matched = positions_to_reconfirm(
        {
            filing: row.batch.offer.programme
            for row in rows
            if row.action in _NEEDS_EVIDENCE and (filing := row.submission.standing_filing)
        }
    )
    incomplete = awaiting_complement(row.submission for row in rows)
    refusals: dict[int, str] = {}
    for row in rows:
        action, submission = Action(row.action), row.submission
        selects = TABLE[action].target in SELECTED_STATES
        if code := _own_refusal(row):
            refusals[row.pk] = code
        elif submission.pk in incomplete:
            refusals[row.pk] = ComplementOpenError.code
        elif selects and selected.get(submission.candidate_id, (submission.pk, True))[0] != submission.pk:
            refusals[row.pk] = _visible_code(AlreadySelectedError.code, submission, selected)
        elif action in _NEEDS_EVIDENCE and submission.standing_filing_id in unconfirmed:
            refusals[row.pk] = FindingUnconfirmedError.code
        elif submission.standing_filing_id in matched:
            refusals[row.pk] = RegisterMatchError.code
    return refusals


def _own_refusal(row: DecisionItem) -> str:
    """Return the code of what refuses the decision by its own row, submission and offer; empty if nothing does."""
    action, submission = Action(row.action), row.submission
    if row.version is not None and row.version != submission.version:
        return StaleSubmissionError.code
    if State(submission.state) not in TABLE[action].sources:
        return MoveNotAllowedError.code
    if leads_nowhere(action, row.batch.offer):
        return OfferCancelledError.code
    if submission.reserve == HumanReview.PENDING:
        return HumanReviewPendingError.code
    if submission.standing_filing is None or submission.standing_filing.seal.canonical is None:
        return FiledErasedError.code
    return MessageMissingError.code if lacks_required_text(action, row.batch.word, row.message) else ""


def stored_refusals(items: Iterable[DecisionItem], *, reader: User) -> dict[int, str]:
    """Return the stored code of what refused each of `items`, by primary key, without those not refused.

    One query at most.
    """
    refused = [row for row in items if row.refusal]
    elsewhere = [row.submission for row in refused if row.refusal == AlreadySelectedError.code]
    selected = _selected_elsewhere(elsewhere, reader) if elsewhere else {}
    return {row.pk: _visible_code(row.refusal, row.submission, selected) for row in refused}


def _visible_code(code: str, submission: Submission, selected: _SelectedElsewhere) -> str:
    _pk, is_visible = selected.get(submission.candidate_id, (0, False))
    return HiddenReasonError.code if code == AlreadySelectedError.code and not is_visible else code


def _selected_elsewhere(submissions: Iterable[Submission], reader: User) -> _SelectedElsewhere:
    people = {submission.candidate_id for submission in submissions}
    visible = Exists(visible_submissions(reader).filter(pk=OuterRef("pk")))
    selected = Submission.objects.filter(candidate__in=people, state__in=SELECTED_STATES)
    rows = selected.annotate(is_visible=visible).values_list("candidate", "pk", "is_visible")
    return {person: (pk, is_visible) for person, pk, is_visible in rows}
