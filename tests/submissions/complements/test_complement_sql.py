"""Complement requests in the database when two users act concurrently."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.audit.invariants import INVARIANTS
from intake.submissions.complements.operations import request_complement
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.errors import StaleSubmissionError, SubmissionError
from intake.submissions.models import ComplementRequest, Draft, Filing, Receipt, Submission
from intake.submissions.states import State
from tests.factories.complements import (
    complement_content,
    file_answer,
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
    start_answer,
)
from tests.factories.people import make_staff
from tests.factories.review import make_filed
from tests.factories.submissions import ALL_DECLARATIONS, close_offer, make_open_offer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filed() -> Submission:
    """A submission to an offer that closed an hour ago; only the stored closing was changed."""
    return make_filed_and_closed()


# -- Concurrent requests --------------------------------------------------------------------------------------------
def _at_once(*doings: Any) -> list[object]:
    def done(doing: Any) -> object:
        try:
            return doing()
        except SubmissionError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(done, doings))


def _hold() -> None:
    # Without the invariants of commits: the closing was moved before existing filings.
    asked = [row for row in INVARIANTS if not row.setting]
    broken = {row.name: found for row in asked if (found := [str(each) for each in row.violations()])}
    # Only the first filing may be late: the closing was then moved to before it.
    late = {f"filing {row.pk}" for row in Filing.objects.filter(sequence=1)}
    assert set(broken.pop("a_filing_is_received_before_closing", [])) <= late
    assert broken == {}


def test_two_simultaneous_requests_on_one_version_store_one(filed: Submission) -> None:
    people, asked = (make_staff(), make_staff()), complement_content(filed)
    version = filed.version
    said = _at_once(
        *(
            lambda actor=actor: request_complement(
                submission=filed, actor=actor, asked=asked, version=version
            )
            for actor in people
        )
    )
    assert {type(each) for each in said} == {ComplementRequest, StaleSubmissionError}
    assert ComplementRequest.objects.count() == 1
    _hold()


# An answer and another action, in both orders: whether the answer is filed, whether the other action succeeds, how each
# request ends, and the state of the file.
ORDERS: dict[str, list[tuple[bool, bool, list[str], State]]] = {
    "resume": [(True, False, ["ANSWERED"], State.SUBMITTED), (False, True, ["RESUMED"], State.SUBMITTED)],
    "withdraw": [(True, True, ["ANSWERED"], State.WITHDRAWN), (False, True, ["WITHDRAWN"], State.WITHDRAWN)],
    "ask again": [
        (True, True, ["ANSWERED", ""], State.COMPLEMENT_REQUESTED),
        (True, True, ["REPLACED", "ANSWERED"], State.SUBMITTED),
    ],
    "answer": [(True, True, ["ANSWERED"], State.SUBMITTED)],
}


@pytest.mark.parametrize("what_else", ORDERS)
def test_an_answer_concurrent_with_an_ending_leaves_a_consistent_state(
    filed: Submission, what_else: str
) -> None:
    request_complement_for(filed)
    draft, staff = start_answer(filed), make_staff()
    read_before = [Draft.objects.get(pk=draft.pk) for _file in range(2)]  # a withdrawal discards the draft

    def file() -> Receipt:
        return file_draft(draft=read_before.pop(), actor=filed.candidate, declarations=ALL_DECLARATIONS)

    other = {
        "resume": lambda: resume_without_complement(submission=filed, actor=staff, reason="Lisible."),
        "withdraw": lambda: withdraw_submission(
            submission=filed, actor=filed.candidate, reason="Autre projet."
        ),
        "ask again": lambda: request_complement(
            submission=filed, actor=staff, asked=complement_content(filed, days=12)
        ),
        "answer": file,
    }[what_else]
    answered, done = (not isinstance(said, SubmissionError) for said in _at_once(file, other))
    _hold()
    filed.refresh_from_db()
    endings = list(ComplementRequest.objects.order_by("pk").values_list("ending", flat=True))
    assert (answered, done, endings, filed.state) in ORDERS[what_else]
    assert filed.filings.count() == 1 + answered


def test_an_offer_closed_after_the_request_still_accepts_the_answer() -> None:
    submission = make_filed(make_open_offer())
    asked = request_complement_for(submission)
    close_offer(submission.offer, seconds_ago=1)
    receipt = file_answer(Submission.objects.get(pk=submission.pk))
    asked.refresh_from_db()
    assert asked.answered_by_id == receipt.filing_id
    _hold()
