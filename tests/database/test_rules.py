"""Raw SQL violates each rule that PostgreSQL's catalogue lists, and each refuses under its own name."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from intake.devtools import embedded
from tests.database import (
    attempts_accounts,
    attempts_arrivals,
    attempts_cancellations,
    attempts_changes,
    attempts_complements,
    attempts_filings,
    attempts_incidents,
    attempts_offers,
    attempts_privacy,
    attempts_records,
    attempts_review,
    attempts_sessions,
    attempts_submissions,
    attempts_synonyms,
    catalogue,
)
from tests.database.attempts import Attempt, Connection, Step, response_to, sql_of
from tests.database.attempts_accounts import entries
from tests.database.rows import make_rows
from tests.database_roles import as_owner

# Django creates its database when a test requests it; the attempts are rolled back.
pytestmark = pytest.mark.django_db

ATTEMPTS: tuple[Attempt, ...] = (
    *attempts_accounts.ATTEMPTS,
    *attempts_changes.ATTEMPTS,
    *attempts_complements.ATTEMPTS,
    *attempts_arrivals.ATTEMPTS,
    *attempts_cancellations.ATTEMPTS,
    *attempts_filings.ATTEMPTS,
    *attempts_incidents.ATTEMPTS,
    *attempts_offers.ATTEMPTS,
    *attempts_privacy.ATTEMPTS,
    *attempts_records.ATTEMPTS,
    *attempts_review.ATTEMPTS,
    *attempts_sessions.ATTEMPTS,
    *attempts_submissions.ATTEMPTS,
    *attempts_synonyms.ATTEMPTS,
)


_THEIRS = "(SELECT offer_id FROM submissions_submission WHERE id = {incomplete})"
HELD: dict[str, tuple[tuple[Step, ...], str, str]] = {
    "a filing, its offer": ((attempts_filings.FILE,), "offers_offer", "{open}"),
    "a personal extension, its offer": ((attempts_filings.extend(),), "offers_offer", "{closed}"),
    "a request for a complement, its file": (
        attempts_complements.ASK_AGAIN,
        "submissions_submission",
        "{incomplete}",
    ),
    "a request for a complement, its offer": (attempts_complements.ASK_AGAIN, "offers_offer", _THEIRS),
}
"""The lock of each statement until its commit, so that the rows that a rule read do not change before."""


class Portal:
    """The rows, and a connection per role to their database."""

    def __init__(self, urls: embedded.Urls, rows: dict[str, int], stack: ExitStack) -> None:
        name = connections["default"].settings_dict["NAME"]
        addresses = {
            "app": urls.database,
            "owner": urls.database_owner,
            "superuser": urls.database_superuser,
        }
        self.rows = rows
        self.connections: dict[str, Connection] = {
            role: stack.enter_context(psycopg.connect(address, dbname=name, autocommit=True))
            for role, address in addresses.items()
        }


@pytest.fixture(scope="module")
def portal(
    embedded_servers: embedded.Urls, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Portal]:
    """Rows that are committed once for this module, and removed after it."""
    del django_db_setup
    with django_db_blocker.unblock(), ExitStack() as stack:
        rows = make_rows()
        connections["default"].close()
        try:
            yield Portal(embedded_servers, rows, stack)
        finally:
            stack.close()
            with as_owner():
                call_command("flush", verbosity=0, interactive=False)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_an_attempt_against_a_rule_gets_its_answer(portal: Portal, attempt: Attempt) -> None:
    assert response_to(attempt, portal.connections[attempt.by], portal.rows) == attempt.answer


@pytest.mark.parametrize("steps, table, row", HELD.values(), ids=HELD)
def test_a_trigger_locks_the_row_on_which_it_decides(
    portal: Portal, steps: tuple[Step, ...], table: str, row: str
) -> None:
    app, owner = portal.connections["app"], portal.connections["owner"]
    free = f"SELECT FROM {table} WHERE id = {row} FOR NO KEY UPDATE SKIP LOCKED".format(**portal.rows)
    found = [owner.execute(free.encode()).rowcount]
    with app.transaction(force_rollback=True):
        for step in steps:
            app.execute(sql_of(step, app, portal.rows), prepare=False)
        found.append(owner.execute(free.encode()).rowcount)
    assert found == [1, 0]


def test_a_journal_entry_joins_the_first_free_chain_without_waiting(
    portal: Portal,
) -> None:
    app, owner = portal.connections["app"], portal.connections["owner"]
    lanes = []
    for taken in ((), (1,), (1, 2), (2,)):
        with owner.transaction(force_rollback=True), app.transaction(force_rollback=True):
            for lane in taken:
                owner.execute("SELECT pg_advisory_xact_lock(1785689458, %s)", [lane])
            app.execute(entries("('X', '', '', '')").encode())
            [lane] = app.execute(
                "SELECT lane FROM journal_link ORDER BY entry_id DESC LIMIT 1"
            ).fetchone() or [0]
            lanes.append(lane)
    assert lanes == [1, 2, 3, 1]


def test_each_rule_of_the_catalogue_has_an_attempt_and_each_attempt_a_rule(portal: Portal) -> None:
    owner = portal.connections["owner"]
    rules = {*catalogue.constraints(owner), *catalogue.triggers(owner)}
    attempted = {attempt.rule for attempt in ATTEMPTS}
    assert (sorted(rules - attempted), sorted(attempted - rules)) == ([], [])


def test_an_attempt_provokes_each_refusal_of_a_trigger(portal: Portal) -> None:
    raised = set(catalogue.raised(portal.connections["owner"]))
    provoked = {f"{each.rule.split()[0]}: {each.answer.split()[-1]}" for each in ATTEMPTS if " " in each.rule}
    assert raised - provoked == set()


def test_each_table_has_a_row_for_the_attempts(portal: Portal) -> None:
    owner = portal.connections["owner"]
    empty = [
        each for each in catalogue.tables(owner) if not owner.execute(f"SELECT FROM {each} LIMIT 1").rowcount
    ]
    assert empty == []
