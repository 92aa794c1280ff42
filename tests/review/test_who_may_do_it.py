"""Permissions of each operation of `review`: called by each kind of user, compared with a table written by hand."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.review.access.errors import (
    EmptyRunError,
    InConflictError,
    NotOnCommitteeError,
    OwnSubmissionError,
)
from intake.review.queue.saved_views import SharingNotAllowedError
from intake.submissions.rulings.operations import RulingNotAllowedError
from tests.house.operations import operations_of
from tests.review.service_calls import CALLS, Committee

pytestmark = pytest.mark.django_db

# `member` is on the offer's committee, `elsewhere` on another one only. `applied` and `conflict` are staff: one has a
# draft for the offer, the other has a conflict on one of its files that the calls do not use.
TABLE = """
service                  nobody  member  elsewhere  staff  applied  conflict
save_assessment          .       yes     .          .      .        .
submit_assessment        .       yes     .          .      .        .
assign_files             .       .       .          yes    .        .
assign_evenly            .       .       .          yes    .        .
revoke_member            .       .       .          yes    .        .
change_due_day           .       .       .          yes    .        .
remove_assignments       .       .       .          yes    .        .
revise_assignments       .       .       .          yes    .        .
name_anchor              .       .       .          yes    .        .
remove_anchor            .       .       .          yes    .        .
prepare_batch            .       .       .          yes    .        .
change_batch             .       .       .          yes    .        .
release_batch            .       .       .          yes    .        .
revoke_batch             .       .       .          yes    .        .
start_anonymous_review      .       .       .          yes    .        .
end_anonymous_review        .       .       .          yes    .        .
start_bulk_run           .       yes     .          yes    .        yes
claim_file               .       yes     .          yes    .        yes
declare_conflict         .       .       .          yes    .        .
lift_conflict            .       .       .          yes    .        .
verify_finding           .       yes     .          yes    .        yes
submit_reading           .       yes     .          yes    .        yes
put_aside                .       yes     .          yes    .        yes
rule_as_reviewer            .       .       .          yes    .        .
order_export             .       .       .          yes    .        .
open_order_file               .       .       .          yes    .        .
export_shortlist         .       .       .          yes    .        .
freeze_shortlist         .       .       .          yes    .        .
add_meeting_note         .       .       .          yes    .        .
move_place               .       .       .          yes    .        .
set_line_weights         .       .       .          yes    .        .
"""
# Operations whose permission their pages check (`tests/house/access.txt`); they check impartiality or sharing only.
BY_THEIR_PAGES = """
service                  nobody  member  elsewhere  staff  applied  conflict
add_committee_member     yes     yes     yes        yes    .        .
remove_committee_member  yes     yes     yes        yes    .        .
share_a_view             .       .       .          yes    yes      yes
"""
ELSEWHERE = {
    "move_as_reviewer": "test_moves_table",
    "request_complement_as_reviewer": "test_moves_table",
    "check_and_renew_claim": "beneath each operation that acts on a file",
    "append_place": "beneath the sending of a batch",
    "remove_ready_files": "beneath the erasure of a person who is on a list",
    "check_export": "beneath each export",
    "drop_claim": "beneath each operation that ends the claim of a file",
    "record_export": "beneath each export",
    "write_shortlist": "beneath each export",
    "check_membership": "add_committee_member's",
    "save_view": "share a view",
    "change_view": "its owner's alone, found by their page",
    "delete_view": "its owner's alone, found by their page",
    "cancel_order": "its owner's alone, found by their page",
    "release_claim": "a lease of one's own, or nothing",
    "uphold_as_reviewer": "tests/submissions/rulings/test_rulings.py",
    "stop_bulk_run": "its owner's alone, found by their page",
}
NOT_THEIRS = (PermissionDenied, NotOnCommitteeError, OwnSubmissionError, InConflictError)
# Errors of these operations for a user without permission: files that are invisible, rulings and shares not theirs.
BY_ANOTHER_NAME: dict[str, type[Exception]] = {
    "start_bulk_run": EmptyRunError,
    "rule_as_reviewer": RulingNotAllowedError,
    "share a view": SharingNotAllowedError,
}
PEOPLE = ("nobody", "member", "elsewhere", "staff", "applied", "in conflict")


def _cells() -> list[Any]:
    """Return the cells. Unless it is exhaustive, only the refusals of members and of users in conflict."""
    rows = [line.split() for table in (TABLE, BY_THEIR_PAGES) for line in table.strip().splitlines()[1:]]
    return [
        pytest.param(
            service.replace("_a_", " a "),
            who,
            cell == "yes",
            id=f"{service}-by-{who}",
            marks=pytest.mark.full if cell != "yes" and who in {"nobody", "elsewhere", "applied"} else (),
        )
        for service, *cells in rows
        for who, cell in zip(PEOPLE, cells, strict=True)
    ]


@pytest.mark.parametrize("service, who, may", _cells())
def test_an_operation_is_permitted_only_to_the_users_of_the_table(
    committee: Committee,
    service: str,
    who: str,
    may: bool,  # noqa: FBT001 -- a cell of the table
) -> None:
    done = True
    with transaction.atomic():
        try:
            with transaction.atomic():
                CALLS[service](committee, committee.people[who])
        except (
            *NOT_THEIRS,
            BY_ANOTHER_NAME.get(service, PermissionDenied),
        ):  # any other refusal is of the call itself, and ends the test
            done = False
        transaction.set_rollback(True)
    assert done == may


def test_every_operation_of_the_review_has_its_row() -> None:
    named = {line.split()[0] for table in (TABLE, BY_THEIR_PAGES) for line in table.strip().splitlines()[1:]}
    assert (named - {"share_a_view"}) | ELSEWHERE.keys() == operations_of("intake.review").keys()
    assert not named & ELSEWHERE.keys()
    assert {name.replace("_a_", " a ") for name in named} == CALLS.keys()
