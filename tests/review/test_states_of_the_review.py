"""Meaning of each state for `review`: sets of states and refusals, as tables written by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.template.loader import get_template

from intake.accounts.models import User
from intake.dossiers.models import Seal
from intake.review.access.register_matches import OPEN
from intake.review.bulk import dry_run as bulk_dry_run
from intake.review.claims import operations as claims_operations
from intake.review.claims.operations import FileClaimedError
from intake.review.dashboard.figures import OfferTally
from intake.review.decisions import approval, letters
from intake.review.decisions import dry_run as decisions_dry_run
from intake.review.decisions import queries as decisions_queries
from intake.review.decisions.errors import BatchClosedError
from intake.review.evidence import operations as evidence_operations
from intake.review.evidence import queries as evidence_queries
from intake.review.evidence import register_recheck
from intake.review.evidence.errors import EmptyBasisError
from intake.review.evidence.operations import Basis
from intake.review.marks import queries as marks_queries
from intake.review.marks.operations import AssessmentData, LineMarkData
from intake.review.models import Claim, DecisionBatch, DecisionItem, Evidence
from intake.review.queue import stages
from intake.review.ranking import table
from intake.review.shortlists.lines import Fingerprint
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import Filing, Submission
from intake.submissions.states import TABLE, Action, HumanReview, State
from offers.models import Offer

AT = datetime(2027, 10, 4, 14, 32, tzinfo=UTC)
# States in which a mark is expected, a decision may be made, a candidate may be selected, a finding may be verified, a
# file is ranked; then the funnel stages, for a filing without review request.
MEANINGS = """
state                 mark  decide select verify rank  filed admissible shortlisted recommended selected decided
DRAFT                 .     .      .      yes    yes   .     .          .           .           .        .
SUBMITTED             yes   yes    yes    yes    yes   yes   yes        .           .           .        .
UNDER_REVIEW          yes   yes    yes    yes    yes   yes   yes        .           .           .        .
COMPLEMENT_REQUESTED  .     yes    yes    yes    yes   yes   yes        .           .           .        .
INADMISSIBLE          .     .      .      .      .     yes   .          .           .           .        yes
SHORTLISTED           .     yes    yes    yes    yes   yes   yes        yes         .           .        .
INTERVIEW             .     yes    yes    yes    yes   yes   yes        yes         .           .        .
RECOMMENDED           .     yes    yes    yes    yes   yes   yes        yes         yes         .        .
SELECTED              .     .      .      yes    yes   yes   yes        yes         yes         yes      yes
RESERVE               .     yes    yes    yes    yes   yes   yes        yes         yes         .        yes
DECLINED              .     .      .      .      yes   yes   yes        .           .           .        yes
WITHDRAWN             .     .      .      .      .     yes   .          .           .           .        .
PLACED                .     .      .      yes    yes   yes   yes        yes         yes         yes      yes
COMPLETED             .     .      .      .      yes   yes   yes        yes         yes         yes      yes
"""
STAGES = {
    "deposees": "Déposées",
    "admissibles": "Admissibles ou à examiner",
    "preselectionnees": "Présélectionnées ou plus loin",
    "recommandees": "Recommandées ou plus loin",
    "retenues": "Retenues ou plus loin",
    "decidees": "Décidées",
}


def in_state(state: str, reserve: str = "NONE", status: str = "PUBLISHED", **more: Any) -> Submission:
    """Return an unsaved submission."""
    return Submission(state=state, reserve=reserve, offer=Offer(status=status), **more)


@pytest.mark.parametrize(
    "row", [line.split() for line in MEANINGS.strip().splitlines()[1:]], ids=lambda row: row[0]
)
def test_a_state_belongs_to_the_sets_of_the_table(row: list[str]) -> None:
    state, *cells = row
    assert [cell == "yes" for cell in cells] == [
        state in marks_queries.MARKABLE_STATES,
        state in decisions_queries.UNDECIDED_STATES,
        state in OPEN,
        evidence_queries.is_verifiable(in_state(state)),
        state not in table.UNRANKED_STATES,
        *(stage.holds(state, "NONE") for stage in stages.STAGES.values()),
    ]


def test_the_table_has_every_state() -> None:
    assert [line.split()[0] for line in MEANINGS.strip().splitlines()[1:]] == list(State)


def test_an_open_human_review_excludes_a_file_from_eligible_and_verifiable() -> None:
    assert {
        reserve: (
            stages.ADMISSIBLE.holds("SUBMITTED", reserve),
            stages.FILED.holds("SUBMITTED", reserve),
            evidence_queries.is_verifiable(in_state("SUBMITTED", reserve)),
        )
        for reserve in HumanReview
    } == {
        "NONE": (True, True, True),
        "PENDING": (False, True, False),
        "LIFTED": (True, True, True),
        "UPHELD": (False, True, True),
    }


def test_the_stages_are_counted_by_the_same_rule_as_filtered() -> None:
    assert {key: str(stage.label) for key, stage in stages.STAGES.items()} == STAGES
    assert [stage.key for stage in stages.FUNNEL] == list(STAGES)[:-1]
    groups = [
        stages.StateCount("SUBMITTED", "NONE", 3),
        stages.StateCount("SUBMITTED", "PENDING", 20),
        stages.StateCount("DRAFT", "NONE", 100),
        stages.StateCount("SELECTED", "LIFTED", 1_000),
    ]
    assert [OfferTally(0, tuple(groups)).reached(stage) for stage in stages.FUNNEL] == [
        1_023,
        1_003,
        1_000,
        1_000,
        1_000,
    ]
    kept = Q(state__in=["COMPLETED", "PLACED", "SELECTED"]) & ~Q(reserve__in=[])
    assert stages.SELECTED.condition() == kept
    states = sorted({*State} - {State.DRAFT, State.INADMISSIBLE, State.WITHDRAWN})
    admissible = Q(state__in=states) & ~Q(reserve__in=["PENDING", "UPHELD"])
    assert stages.ADMISSIBLE.condition() == admissible


# -- Moves -------------------------------------------------------------------------------------------------------
def test_announced_moves_have_letters_and_five_moves_run_in_bulk() -> None:
    told = ["FIND_INADMISSIBLE", "INVITE", "SELECT", "PUT_ON_RESERVE", "DECLINE", "TAKE_BACK"]
    assert [move.action for move in decisions_queries.ANNOUNCED_MOVES] == told
    for action in told:
        get_template(f"mail/decision_{action.lower()}.html")
    together = ["START_REVIEW", "REOPEN", "SHORTLIST", "LEAVE_SHORTLIST", "RECOMMEND"]
    assert list(bulk_dry_run.BULK_ACTIONS) == together


@pytest.mark.parametrize(
    "action, state, reserve, status, code",
    [
        ("SHORTLIST", "UNDER_REVIEW", "NONE", "PUBLISHED", ""),
        ("SHORTLIST", "UNDER_REVIEW", "LIFTED", "PUBLISHED", ""),
        ("SHORTLIST", "UNDER_REVIEW", "PENDING", "PUBLISHED", "UNDER_RESERVE"),
        ("SHORTLIST", "UNDER_REVIEW", "UPHELD", "PUBLISHED", "RESERVE_UPHELD"),
        ("SHORTLIST", "UNDER_REVIEW", "PENDING", "CANCELLED", "OFFER_CANCELLED"),
        ("SHORTLIST", "SUBMITTED", "PENDING", "CANCELLED", "MOVE_NOT_ALLOWED"),
        ("START_REVIEW", "SUBMITTED", "NONE", "CANCELLED", ""),
    ],
)
def test_refusals_of_a_bulk_action_are_predicted_in_the_order_of_the_operation(
    action: str, state: str, reserve: str, status: str, code: str
) -> None:
    assert bulk_dry_run._refusal_code(in_state(state, reserve, status), TABLE[Action(action)]) == code
    outlook = bulk_dry_run.PredictedMove(in_state(state), code)
    assert outlook.moves == (not code)


@dataclass(frozen=True)
class Foreseen:
    """A pending decision, and the code that would refuse it."""

    code: str
    action: str = "SELECT"
    state: str = "SHORTLISTED"
    reserve: str = "NONE"
    status: str = "PUBLISHED"
    read: int | None = 3
    canonical: str | None = "{}"
    filed: bool = True
    word: str = ""
    message: str = ""


@pytest.mark.parametrize(
    "case",
    [
        Foreseen(""),
        Foreseen("", read=None),
        Foreseen("STALE_SUBMISSION", read=2, state="DECLINED"),
        Foreseen("MOVE_NOT_ALLOWED", state="DECLINED", status="CANCELLED"),
        Foreseen("OFFER_CANCELLED", status="CANCELLED", reserve="PENDING"),
        Foreseen("", action="DECLINE", status="CANCELLED"),
        Foreseen("UNDER_RESERVE", reserve="PENDING", canonical=None),
        Foreseen("FILED_ERASED", action="INVITE", canonical=None),
        Foreseen("FILED_ERASED", filed=False),
        Foreseen("MESSAGE_MISSING", action="INVITE"),
        Foreseen("", action="INVITE", word="À 9 h."),
        Foreseen("", action="INVITE", message="À 9 h."),
    ],
    ids=repr,
)
def test_each_refusal_of_a_decision_is_predicted(case: Foreseen) -> None:
    filing = Filing(seal=Seal(canonical=case.canonical)) if case.filed else None
    submission = in_state(case.state, case.reserve, version=3, standing_filing=filing)
    item = DecisionItem(
        submission=submission,
        action=case.action,
        version=case.read,
        message=case.message,
        batch=DecisionBatch(word=case.word, offer=Offer(status=case.status)),
    )
    assert decisions_dry_run._own_refusal(item) == case.code


def test_a_selection_elsewhere_is_revealed_only_to_its_readers() -> None:
    one = Submission(candidate_id=1)
    code = "ALREADY_SELECTED"
    assert [
        decisions_dry_run._visible_code(code, one, {1: (9, True)}),
        decisions_dry_run._visible_code(code, one, {1: (9, False)}),
        decisions_dry_run._visible_code(code, one, {2: (9, True)}),
        decisions_dry_run._visible_code("UNDER_RESERVE", one, {1: (9, False)}),
    ] == [code, "UNTOLD", "UNTOLD", "UNDER_RESERVE"]


def test_a_cancelled_offer_refuses_only_moves_towards_a_stage() -> None:
    def refuses(action: Action, status: str) -> bool:
        try:
            approval.check_offer(Offer(status=status), action)
        except OfferCancelledError:
            return True
        return False

    to_a_stage = ["SHORTLIST", "INVITE", "RECOMMEND", "SELECT", "PUT_ON_RESERVE", "PLACE"]
    assert [action for action in Action if refuses(action, "CANCELLED")] == to_a_stage
    assert not any(refuses(action, "PUBLISHED") for action in Action)


def test_a_batch_in_another_state_is_refused_with_its_state() -> None:
    state = DecisionBatch.State
    approval.check_state(DecisionBatch(state="RELEASED"), state.PREPARED, state.RELEASED)
    with pytest.raises(BatchClosedError) as refused:
        approval.check_state(DecisionBatch(state="SENT"), state.PREPARED, state.RELEASED)
    assert refused.value.state == state.SENT
    assert approval.job_key(DecisionBatch(pk=7, version=3)) == "7.3"
    with pytest.raises(ValueError, match="by whom"):
        approval.approver_of(DecisionBatch())
    assert approval.approver_of(DecisionBatch(released_by=User(pk=4))).pk == 4
    with pytest.raises(ValueError, match="a filed submission"):
        letters._filing_of(Submission())


# -- Assessments and evidence ------------------------------------------------------------------------------------
def test_assessment_data_are_tidied_without_empty_lines() -> None:
    given = AssessmentData(
        mark=3,
        lines={
            1: LineMarkData(0),
            2: LineMarkData(None, " Lu. "),
            3: LineMarkData(None, "  "),
            4: LineMarkData(5, " "),
        },
        note=" Bien. ",
    )
    lines = {1: LineMarkData(0, ""), 2: LineMarkData(None, "Lu."), 4: LineMarkData(5, "")}
    assert given.tidied(by_line=True) == AssessmentData(None, lines, "Bien.")
    assert given.tidied(by_line=False) == AssessmentData(3, lines, "Bien.")
    assert given.line_marks == {1: 0, 4: 5}
    assert AssessmentData() == AssessmentData(None, {}, "")


def test_a_repeated_verification_equals_the_first_in_every_field() -> None:
    kept = Evidence(author_id=1, outcome="CONFIRMED", document_id=5, page=2, note="Vu.")
    author = User(pk=1)
    same = evidence_operations._is_repeated(kept, author, "CONFIRMED", Basis(5, 2, " Vu. "))
    assert same
    others: list[tuple[User, str, Basis]] = [
        (User(pk=2), "CONFIRMED", Basis(5, 2, "Vu.")),
        (author, "CONTRADICTED", Basis(5, 2, "Vu.")),
        (author, "CONFIRMED", Basis(6, 2, "Vu.")),
        (author, "CONFIRMED", Basis(5, 3, "Vu.")),
        (author, "CONFIRMED", Basis(5, 2, "Vus.")),
    ]
    assert not any(evidence_operations._is_repeated(kept, *other) for other in others)


def test_a_verification_requires_a_page_or_a_note() -> None:
    evidence_operations._check(Basis(note="Vu."), Filing())
    for basis in (Basis(), Basis(note=" "), Basis(page=1, note="Vu.")):
        with pytest.raises(EmptyBasisError):
            evidence_operations._check(basis, Filing())


def evidence(outcome: str, at: datetime, *, is_void: bool = False) -> Evidence:
    found = Evidence(outcome=outcome, at=at)
    found.is_void = is_void
    return found


def test_a_register_match_is_settled_by_a_confirmation_at_or_after_it() -> None:
    second = timedelta(seconds=1)
    assert [
        register_recheck._is_confirmed_since(AT, found)
        for found in (
            None,
            evidence("CONFIRMED", AT - second),
            evidence("CONFIRMED", AT),
            evidence("CONFIRMED", AT + second),
            evidence("CONTRADICTED", AT + second),
            evidence("CONFIRMED", AT + second, is_void=True),
        )
    ] == [False, False, True, True, False, False]


def test_a_claimed_file_is_taken_over_by_naming_its_holder() -> None:
    held = Claim(holder_id=2, expires_at=AT)
    claims_operations._check_not_claimed(None, User(pk=1), None)
    claims_operations._check_not_claimed(held, User(pk=2), None)
    claims_operations._check_not_claimed(held, User(pk=1), 2)
    for over in (None, 1, 3):
        with pytest.raises(FileClaimedError) as refused:
            claims_operations._check_not_claimed(held, User(pk=1), over)
        assert refused.value.claim is held


def test_a_fingerprint_is_written_as_its_counts_and_128_bits() -> None:
    assert str(Fingerprint(3, 2, -1, 255)) == "3-2-ffffffffffffffff-00000000000000ff"
