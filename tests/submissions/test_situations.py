"""A submission's situation for its candidate, and its news: from objects without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from intake.submissions.lifecycle.candidate_status import (
    CandidateStatus,
    candidate_status_of,
    most_urgent_first,
    resumed_without_complement,
)
from intake.submissions.models import ComplementRequest, Draft, Filing, Submission
from intake.submissions.questions.grid_form import GridForm, RemovedAnswer, grid_form
from intake.submissions.questions.offer_questions import GridQuestion
from intake.submissions.states import Action, State
from offers.models import Offer
from tests.submissions.moves_table import ORDINARY, cells_of

OPENS = datetime(2027, 9, 1, 13, tzinfo=UTC)
CLOSES = datetime(2027, 10, 1, 4, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
BEFORE, AFTER = CLOSES - TICK, CLOSES


def _submission(
    state: str = "SUBMITTED",
    *,
    filed: bool = True,
    preparing: bool = False,
    arrived: bool = False,
    reserve: str = "NONE",
    complements: tuple[ComplementRequest, ...] = (),
    until: datetime | None = None,
    status: str = "PUBLISHED",
) -> Submission:
    """Return a submission as `own_submissions` reads it."""
    offer = Offer(pk=1, opens_at=OPENS, closes_at=CLOSES, time_zone="America/Toronto", status=status)
    submission = Submission(pk=2, public_id=UUID(int=2), state=state, reserve=reserve, offer=offer)
    if filed:
        submission.standing_filing = Filing(pk=3)
    vars(submission).update(
        extended_until=None,
        complement_until=until,
        open_drafts=[Draft(pk=4)] if preparing else [],
        arrived_at=BEFORE if arrived else None,
        complements_asked=[*complements],
    )
    return submission


def _status(at: datetime = BEFORE, **options: Any) -> CandidateStatus:
    return candidate_status_of(_submission(**options), at=at)


# -- The situation ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "state, filed, preparing, before, after",
    [
        ("DRAFT", False, True, "DRAFT", "NOT_FILED"),
        ("DRAFT", False, False, "DRAFT", "NOT_FILED"),
        ("SUBMITTED", True, False, "FILED", "FILED"),
        ("SUBMITTED", True, True, "AMENDING", "NOT_AMENDED"),
        ("UNDER_REVIEW", True, True, "AMENDING", "NOT_AMENDED"),
        ("COMPLEMENT_REQUESTED", True, True, "AMENDING", "NOT_AMENDED"),
        ("SHORTLISTED", True, True, "AMENDING", "NOT_AMENDED"),
        ("RECOMMENDED", True, True, "AMENDING", "NOT_AMENDED"),
        ("INTERVIEW", True, True, "NOT_AMENDED", "NOT_AMENDED"),
        ("DECLINED", True, True, "NOT_AMENDED", "NOT_AMENDED"),
        ("DECLINED", True, False, "FILED", "FILED"),
        ("WITHDRAWN", True, False, "WITHDRAWN", "WITHDRAWN"),
        ("WITHDRAWN", True, True, "RESUMING", "WITHDRAWN"),
    ],
)
def test_the_status_of_a_submission_changes_at_closing(
    state: str, before: str, after: str, *, filed: bool, preparing: bool
) -> None:
    options: dict[str, Any] = {"state": state, "filed": filed, "preparing": preparing}
    assert [_status(at, **options).situation.value for at in (BEFORE, AFTER)] == [before, after]
    assert [_status(at, **options).is_open for at in (BEFORE, AFTER)] == [True, False]
    assert (_status(**options).draft is not None) == preparing


@pytest.mark.parametrize("state", ["DRAFT", "SUBMITTED", "COMPLEMENT_REQUESTED", "DECLINED", "WITHDRAWN"])
def test_a_draft_that_waits_to_be_filed_leaves_its_candidate_nothing_to_do(state: str) -> None:
    for at in (BEFORE, AFTER):
        found = _status(at, state=state, filed=state != "DRAFT", preparing=True, arrived=True)
        assert (found.situation.value, found.draft) == ("ARRIVED", None)
        assert (found.may_amend, found.may_withdraw, found.may_answer) == (False, False, False)


@pytest.mark.parametrize("state", State)
def test_each_state_permits_the_moves_of_the_table_to_the_candidate(state: State) -> None:
    possible = {cell.action for cell in cells_of(ORDINARY) if cell.source == state and cell.target}
    may_amend, may_withdraw = Action.AMEND in possible, Action.WITHDRAW in possible
    found, late = (_status(at, state=state, filed=state != State.DRAFT) for at in (BEFORE, AFTER))
    assert (found.may_amend, found.may_withdraw) == (may_amend, may_withdraw)
    assert (late.may_amend, late.may_withdraw) == (False, may_withdraw)


@pytest.mark.parametrize(
    "options, at, label, tone",
    [
        ({"state": "DRAFT", "filed": False}, BEFORE, "Brouillon — non déposée", "draft"),
        ({"state": "DRAFT", "filed": False}, AFTER, "Non déposée", "draft"),
        ({"state": "DRAFT", "filed": False, "arrived": True}, AFTER, "Arrivée, en cours de dépôt", "info"),
        ({"state": "SUBMITTED", "arrived": True}, AFTER, "Candidature déposée", "success"),
        ({"state": "SUBMITTED"}, AFTER, "Candidature déposée", "success"),
        ({"state": "SUBMITTED", "reserve": "PENDING"}, AFTER, "Révision demandée", "warning"),
        ({"state": "SUBMITTED", "reserve": "LIFTED"}, AFTER, "Candidature déposée", "success"),
        ({"state": "COMPLEMENT_REQUESTED", "reserve": "PENDING"}, AFTER, "Complément demandé", "warning"),
        ({"state": "COMPLEMENT_REQUESTED", "status": "CANCELLED"}, AFTER, "Candidature déposée", "success"),
        (
            {"state": "COMPLEMENT_REQUESTED", "status": "CANCELLED", "reserve": "PENDING"},
            AFTER,
            "Révision demandée",
            "warning",
        ),
        ({"state": "UNDER_REVIEW", "status": "CANCELLED"}, AFTER, "À l’étude", "info"),
        ({"state": "SHORTLISTED"}, AFTER, "À l’étude", "info"),
    ],
)
def test_the_label_of_a_state_reveals_only_released_facts(
    options: dict[str, Any], at: datetime, label: str, tone: str
) -> None:
    found = _status(at, **options)
    assert (str(found.label), found.tone) == (label, tone)


# -- A complement -----------------------------------------------------------------------------------------------------
def _request(
    pk: int = 8, ending: str = "", ended_at: datetime | None = None, answered_by: int | None = None
) -> ComplementRequest:
    ended = ended_at or (CLOSES + DAY if ending else None)
    return ComplementRequest(pk=pk, ending=ending, ended_at=ended, answered_by_id=answered_by)


def test_a_complement_can_be_answered_until_it_is_due() -> None:
    options: dict[str, Any] = {
        "state": "COMPLEMENT_REQUESTED",
        "complements": (_request(7, "REPLACED"), _request()),
        "until": CLOSES + DAY,
    }
    for at, may_answer, is_alone in (
        (BEFORE, True, False),
        (AFTER, True, True),
        (CLOSES + DAY - TICK, True, True),
        (CLOSES + DAY, False, False),
    ):
        found = _status(at, **options)
        assert (found.complement, found.is_asked) == (_request(), True)
        assert (found.may_answer, found.is_for_complement_alone) == (may_answer, is_alone)
    cancelled = _status(**options | {"status": "CANCELLED"})
    assert (cancelled.is_asked, cancelled.may_answer, cancelled.complement) == (False, False, _request())
    nothing = _status(state="UNDER_REVIEW")
    assert (nothing.is_asked, nothing.may_answer, nothing.complement) == (False, False, None)


@pytest.mark.parametrize(
    "state, ending, answered_by, answered, resumed",
    [
        ("SUBMITTED", "ANSWERED", 3, True, False),
        ("SUBMITTED", "ANSWERED", 99, False, False),
        ("UNDER_REVIEW", "ANSWERED", 3, False, False),
        ("SUBMITTED", "RESUMED", None, False, True),
        ("UNDER_REVIEW", "RESUMED", None, False, False),
        ("SUBMITTED", "WITHDRAWN", None, False, False),
        ("SUBMITTED", "", None, False, False),
    ],
)
def test_the_ending_of_a_complement_is_displayed_until_the_review_starts(
    state: str, ending: str, answered_by: int | None, *, answered: bool, resumed: bool
) -> None:
    last = _request(9, ending, answered_by=answered_by)
    found = _status(state=state, complements=(_request(8, "REPLACED"), last))
    assert found.answered == (last if answered else None)
    assert found.is_resumed == resumed


@pytest.mark.parametrize(
    "ending, ended_at, went_on",
    [
        ("RESUMED", CLOSES - TICK, False),
        ("RESUMED", CLOSES, True),
        ("RESUMED", CLOSES + DAY, True),
        ("ANSWERED", CLOSES + DAY, False),
        ("", None, False),
    ],
)
def test_the_review_resumes_without_the_complement_only_after_closing(
    ending: str, ended_at: datetime | None, *, went_on: bool
) -> None:
    for state in ("SUBMITTED", "DECLINED"):
        submission = _submission(state, complements=(_request(8, ending, ended_at),))
        assert resumed_without_complement(submission) == went_on
        assert candidate_status_of(submission, at=AFTER).is_overtaken == went_on
    assert not resumed_without_complement(_submission())


def test_answerable_submissions_are_listed_first_by_urgency() -> None:
    def row(days: int | None) -> CandidateStatus:
        until = None if days is None else CLOSES + days * DAY
        state = "SUBMITTED" if days is None else "COMPLEMENT_REQUESTED"
        return _status(AFTER, state=state, complements=(_request(),) if days else (), until=until)

    filed, third, over, first, second, last = row(None), row(3), row(0), row(1), row(2), row(None)
    rows = most_urgent_first([filed, third, over, first, second, last])
    assert [id(each) for each in rows] == [id(each) for each in (first, second, third, filed, over, last)]


# -- The grid ---------------------------------------------------------------------------------------------------------
LINES = (GridQuestion(4, "sait rédiger", required=True), GridQuestion(3, "connaître R", required=False))


def _signed(*numbers: str) -> str:
    return GridForm().sign_lines([RemovedAnswer(number, "x") for number in numbers])


def test_an_answer_to_a_removed_line_is_kept_if_its_page_displayed_it() -> None:
    form = grid_form(LINES)
    typed = {"line_9": "  Un\r\nclub. ", "line_8": "", "line_7": "Jamais montrée.", "line_6": "y" * 7000}
    posted = form(typed | {"lines": _signed("9", "8", "6", "5")})
    assert posted.posted_removed_answers() == {"6": "y" * 6000, "8": None, "9": "Un\nclub."}
    for forged in ("", "9-8", _signed("9")[:-1]):
        assert form(typed | {"lines": forged}).posted_removed_answers() == {}


def test_several_missing_lines_are_listed_below_one_error() -> None:
    lines = (GridQuestion(1, "a" * 90, required=True), GridQuestion(2, "b", required=True))
    first, *others = grid_form(lines)({}).mistakes
    assert (first.text.split()[0], first.anchor) == ("Répondez", "")
    assert [(row.text.split()[0], row.anchor) for row in others] == [
        ("A" + "a" * 78 + "…", "id_line_1"),
        ("B", "id_line_2"),
    ]
