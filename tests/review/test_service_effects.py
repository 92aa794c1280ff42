"""Journal entries, deliveries and row locks of each operation of `review`; a failed operation writes nothing."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from intake.journal.models import Entry, Link
from intake.outbox.models import Delivery
from intake.web.prepared import fetch_one
from tests.review.service_calls import CALLS, FOLLOW_UP_CALLS, Committee

pytestmark = pytest.mark.django_db

KEPT = Path(__file__).with_name("acts.txt")
"""By operation: journal entries (+), deliveries (>) and row locks (=), each with its number."""
MEMBERS = {"save_assessment", "submit_assessment"}
"""Operations of committee members only; staff call the others."""
ACTS = CALLS | FOLLOW_UP_CALLS
UNRECORDED = {"share a view", "put_aside"}
"""Operations on what is their user's own: they have no journal entry."""
FIRST = {
    "add_committee_member": 1,
    "change_batch": 2,
    "end_anonymous_review": 2,
    "remove_anchor": 1,
    "revoke_member": 1,
}
"""Rows written before an operation, for it to be allowed: a role, one's own batch, an anonymous review; a conflict."""
_LOCK: Final = re.compile(
    r"(?P<order>ORDER BY [^()]+?)?(?: LIMIT \d+)? FOR (?P<strength>(?:NO KEY )?UPDATE)(?: OF (?P<of>[^()]+))?$"
)


def do(service: str, committee: Committee) -> None:
    ACTS[service](committee, committee.people["member" if service in MEMBERS else "staff"])


@cache
def expected_lines() -> dict[str, list[str]]:
    """Return the expected lines, by operation."""
    blocks = (block.splitlines() for block in KEPT.read_text(encoding="utf-8").split("\n\n"))
    return {service: sorted(lines) for service, *lines in blocks}


def lock_of(statement: str) -> str:
    """Return the table, the strength and the order of the rows that a statement locks; empty if it locks none."""
    lock = _LOCK.search(statement)
    return (
        "" if lock is None else " ".join(filter(None, (lock["strength"], lock["of"] or "all", lock["order"])))
    )


@pytest.mark.parametrize("service", ACTS)
def test_an_operation_has_its_entries_deliveries_and_locks(committee: Committee, service: str) -> None:
    with transaction.atomic():
        entries, posted = (list(model.objects.values_list("pk", flat=True)) for model in (Entry, Delivery))
        with CaptureQueriesContext(connection) as captured:
            do(service, committee)
        found = Counter(f"+ {entry.action}" for entry in Entry.objects.exclude(pk__in=entries))
        found.update(f"> {delivery.kind}" for delivery in Delivery.objects.exclude(pk__in=posted))
        found.update(f"= {lock}" for query in captured if (lock := lock_of(query["sql"])))
        transaction.set_rollback(True)
    lines = sorted(f"{line} ×{number}" if number > 1 else line for line, number in found.items())
    assert lines == expected_lines()[service]


def test_every_operation_has_its_listed_effects() -> None:
    assert expected_lines().keys() == ACTS.keys()


def entries_of(service: str) -> int:
    """Return the expected number of journal entries of an operation."""
    lines = [line for line in expected_lines()[service] if line.startswith("+")]
    return sum(int(found[1]) if (found := re.search(r" ×(\d+)$", line)) else 1 for line in lines)


def rows() -> set[tuple[str, str]]:
    """Return every row of these applications."""
    rooms = ("journal", "outbox", "review", "submissions")
    models = [
        model for room in rooms for model in apps.get_app_config(room).get_models() if model is not Link
    ]
    return {
        (model._meta.label, repr(row)) for model in models for row in model._default_manager.values_list()
    }


class JournalClosedError(Exception):
    """Raised in place of a journal entry."""


@pytest.mark.parametrize("service", [name for name in CALLS if name not in UNRECORDED])
def test_an_operation_without_its_journal_entry_is_rolled_back(
    committee: Committee, service: str, monkeypatch: pytest.MonkeyPatch
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
        before = rows()
        with pytest.raises(JournalClosedError):
            do(service, committee)
        assert len(before ^ rows()) == FIRST.get(service, 0)
        transaction.set_rollback(True)
