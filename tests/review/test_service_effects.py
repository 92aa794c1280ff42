"""Rows that each operation of `review` writes for a permitted user, and none if it fails."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from intake.web.prepared import fetch_one
from tests.review.service_calls import CALLS, FOLLOW_UP_CALLS, Committee
from tests.review.service_effects import Rows, locks, names_of, row_changes, rows

pytestmark = pytest.mark.django_db

KEPT = Path(__file__).with_name("acts.txt")
"""The rows that each operation writes and locks. A changed effect is a changed line in this file."""
MEMBERS = {"save_assessment", "submit_assessment"}
"""Operations of committee members only; staff call the others."""
ACTS = CALLS | FOLLOW_UP_CALLS
FIRST = {"add_committee_member": 1, "change_batch": 1, "end_anonymous_review": 2, "revoke_member": 1}
"""Rows written before an operation, for it to be allowed: a role, one's own batch, an anonymous review; a conflict."""


@pytest.fixture(scope="module")
def before(committee: Committee) -> Rows:
    del committee
    return rows()


def do(service: str, committee: Committee) -> None:
    ACTS[service](committee, committee.people["member" if service in MEMBERS else "staff"])


@cache
def expected_lines() -> dict[str, list[str]]:
    """Return the expected lines, by operation."""
    found: dict[str, list[str]] = {}
    for line in KEPT.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("+", "-", "~", "=")):
            lines = found.setdefault(line, [])
        elif line:
            lines.append(line)
    return found


def _model(line: str) -> str:
    """Return the model of a written row, which comes in the order of the models' modules; locks come last, as taken."""
    return "~" if line.startswith("=") else line.split()[1]


@pytest.mark.parametrize("service", ACTS)
def test_an_operation_writes_and_locks_only_the_listed_rows(
    committee: Committee, before: Rows, service: str
) -> None:
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            do(service, committee)
        found = row_changes(before, rows(), names_of(committee))
        transaction.set_rollback(True)
    given = found + locks(query["sql"] for query in captured)
    assert sorted(given, key=_model) == sorted(expected_lines()[service], key=_model)


def test_every_operation_has_its_listed_rows() -> None:
    assert expected_lines().keys() == ACTS.keys()


def entries_of(service: str) -> int:
    """Return the expected number of journal entries of an operation."""
    lines = [line for line in expected_lines()[service] if line.startswith("+ journal.Entry ")]
    return sum(int(found[1]) if (found := re.search(r" ×(\d+)$", line)) else 1 for line in lines)


class JournalClosedError(Exception):
    """Raised in place of a journal entry."""


@pytest.mark.parametrize("service", [name for name in CALLS if name != "share a view"])
def test_an_operation_without_its_journal_entry_is_rolled_back(
    committee: Committee, before: Rows, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last entry fails: every earlier write of the operation is rolled back with it."""
    total, entries = entries_of(service), [0]

    def refused_at_last(statement: str, values: list[Any]) -> tuple[Any, ...]:
        entries[0] += 1
        if entries[0] == total:
            raise JournalClosedError
        return fetch_one(statement, values)

    monkeypatch.setattr("intake.journal.services.fetch_one", refused_at_last)
    with transaction.atomic():
        with pytest.raises(JournalClosedError):
            do(service, committee)
        assert len(row_changes(before, rows(), names_of(committee))) == FIRST.get(service, 0)
        transaction.set_rollback(True)
