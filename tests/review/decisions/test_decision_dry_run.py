"""Reasons in a submission that refuse a decision or a bulk run: the first that applies is returned."""

from typing import Any

import pytest

from intake.dossiers.models import Seal
from intake.review.bulk.dry_run import BULK_ACTIONS, PredictedMove, _refusal_code
from intake.review.decisions.dry_run import _own_refusal, _visible_code
from intake.review.models import DecisionBatch, DecisionItem
from intake.submissions.models import Filing, Submission
from intake.submissions.states import TABLE, Action, HumanReview, State
from offers.models import Offer


def submission(**changes: Any) -> Submission:
    offer = Offer(pk=1, status=changes.pop("status", Offer.Status.PUBLISHED))
    canonical = changes.pop("canonical", b"{}")
    filing = None if canonical == "" else Filing(pk=5, seal=Seal(pk=4, canonical=canonical))
    given = {
        "pk": 9,
        "state": State.SHORTLISTED,
        "reserve": HumanReview.NONE,
        "version": 3,
        "candidate_id": 7,
    }
    return Submission(offer=offer, standing_filing=filing, **(given | changes))


@pytest.mark.parametrize(
    "action, of_item, of_file, code",
    [
        (Action.SELECT, {}, {}, ""),
        (Action.SELECT, {"version": None}, {}, ""),
        (Action.SELECT, {"version": 2}, {}, "STALE_SUBMISSION"),
        (Action.SELECT, {"version": 2}, {"state": State.DECLINED}, "STALE_SUBMISSION"),
        (Action.SELECT, {}, {"state": State.DECLINED}, "MOVE_NOT_ALLOWED"),
        (Action.SELECT, {}, {"status": Offer.Status.CANCELLED}, "OFFER_CANCELLED"),
        (Action.DECLINE, {}, {"status": Offer.Status.CANCELLED}, ""),
        (Action.SELECT, {}, {"reserve": HumanReview.PENDING}, "UNDER_RESERVE"),
        (Action.SELECT, {}, {"reserve": HumanReview.LIFTED}, ""),
        (
            Action.SELECT,
            {},
            {"reserve": HumanReview.PENDING, "status": Offer.Status.CANCELLED},
            "OFFER_CANCELLED",
        ),
        (Action.DECLINE, {}, {"canonical": None}, "FILED_ERASED"),
        (Action.DECLINE, {}, {"canonical": ""}, "FILED_ERASED"),
        (Action.INVITE, {}, {}, "MESSAGE_MISSING"),
        (Action.INVITE, {"message": "À 10 h."}, {}, ""),
        (Action.INVITE, {"word": "À 10 h."}, {}, ""),
        (Action.INVITE, {"word": " ", "message": "\n"}, {}, "MESSAGE_MISSING"),
        (Action.INVITE, {}, {"canonical": None}, "FILED_ERASED"),
    ],
)
def test_the_first_reason_that_refuses_a_decision_is_returned(
    action: Action, of_item: dict[str, Any], of_file: dict[str, Any], code: str
) -> None:
    file = submission(**of_file)
    given: dict[str, Any] = {"version": 3, "message": ""} | of_item
    batch = DecisionBatch(offer=file.offer, word=given.pop("word", ""))
    assert _own_refusal(DecisionItem(batch=batch, submission=file, action=action, **given)) == code


def test_a_selection_elsewhere_is_named_only_to_users_who_may_read_it() -> None:
    file = submission()
    assert _visible_code("ALREADY_SELECTED", file, {7: (12, True)}) == "ALREADY_SELECTED"
    assert _visible_code("ALREADY_SELECTED", file, {7: (12, False)}) == "UNTOLD"
    assert _visible_code("ALREADY_SELECTED", file, {}) == "UNTOLD"
    assert _visible_code("UNDER_RESERVE", file, {7: (12, False)}) == "UNDER_RESERVE"


@pytest.mark.parametrize(
    "action, of_file, code",
    [
        (Action.RECOMMEND, {}, ""),
        (Action.RECOMMEND, {"state": State.SUBMITTED}, "MOVE_NOT_ALLOWED"),
        (Action.RECOMMEND, {"status": Offer.Status.CANCELLED}, "OFFER_CANCELLED"),
        (Action.LEAVE_SHORTLIST, {"status": Offer.Status.CANCELLED}, ""),
        (Action.RECOMMEND, {"reserve": HumanReview.PENDING}, "UNDER_RESERVE"),
        (Action.RECOMMEND, {"reserve": HumanReview.UPHELD}, "RESERVE_UPHELD"),
        (Action.RECOMMEND, {"reserve": HumanReview.LIFTED}, ""),
    ],
)
def test_the_first_reason_that_excludes_a_file_from_a_run_is_returned(
    action: Action, of_file: dict[str, Any], code: str
) -> None:
    file = submission(**of_file)
    assert _refusal_code(file, TABLE[action]) == code
    assert PredictedMove(file, code).moves is (code == "")


def test_bulk_actions_include_no_announced_move() -> None:
    assert BULK_ACTIONS == (
        Action.START_REVIEW,
        Action.REOPEN,
        Action.SHORTLIST,
        Action.LEAVE_SHORTLIST,
        Action.RECOMMEND,
    )
    assert not any(TABLE[action].announced for action in BULK_ACTIONS)
