"""Meaning of each state for `review`: sets of states and refusals, as tables written by hand."""

from datetime import datetime
from typing import Any

import pytest

from intake.accounts.models import User
from intake.review.access.register_matches import OPEN
from intake.review.decisions import queries as decisions_queries
from intake.review.evidence import operations as evidence_operations
from intake.review.evidence import queries as evidence_queries
from intake.review.evidence.operations import Basis
from intake.review.marks import queries as marks_queries
from intake.review.models import Evidence
from intake.review.queue import stages
from intake.review.ranking import table
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview, State
from offers.models import Offer

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


# -- Assessments and evidence ------------------------------------------------------------------------------------


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


def evidence(outcome: str, at: datetime, *, is_void: bool = False) -> Evidence:
    found = Evidence(outcome=outcome, at=at)
    found.is_void = is_void
    return found
