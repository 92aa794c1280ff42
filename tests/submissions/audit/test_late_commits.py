"""Late commits of a filing: what the application's role may do to evade the rule, and how it is detected."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from intake.dossiers.sealed_payload import Payload
from intake.submissions.audit.invariants import INVARIANTS
from intake.submissions.models import Draft, Filing
from offers.services.lifecycle import extend_deadline
from tests.database_roles import as_owner, without_triggers
from tests.factories.payloads import seal_payload
from tests.factories.people import make_staff
from tests.factories.submissions import close_offer, make_draft, make_filing

type AppConnection = psycopg.Connection[tuple[Any, ...]]

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN_A_MINUTE = next(row for row in INVARIANTS if row.name == "a_filing_commits_within_a_minute_of_closing")
RULE = "refuse_incomplete_or_late_commit"
FILING = """
INSERT INTO submissions_filing (submission_id, sequence, draft_id, seal_id, transaction, cluster)
VALUES (%(submission)s, 1, %(draft)s, %(seal)s, 1, 1) RETURNING id
"""
PROOF = """
WITH verdict AS (
    INSERT INTO submissions_verdict
        (filing_id, rulebook_id, outcome, under_reserve, rulebook_digest, facts_digest, blocking)
    SELECT %(filing)s, rulebook_id, outcome, under_reserve, rulebook_digest, facts_digest, blocking
    FROM submissions_verdict WHERE filing_id = %(like)s
)
INSERT INTO submissions_receipt (filing_id, number) VALUES (%(filing)s, 'T-001-999999-Z')
"""


@pytest.fixture
def draft() -> Draft:
    """A draft for an open offer."""
    return make_draft()


@pytest.fixture
def values(draft: Draft) -> dict[str, int]:
    """Values for a filing of the draft by SQL; the verdict is copied from another filing."""
    other = make_filing().filing
    seal = seal_payload(payload=Payload.parse(other.seal.canonical or ""), at=other.received_at)
    return {"submission": draft.submission_id, "draft": draft.pk, "seal": seal.pk, "like": other.pk}


def write(app: AppConnection, values: dict[str, int]) -> int:
    """File by SQL with all related rows. Return the filing's primary key."""
    (filing,) = app.execute(FILING, values).fetchone() or (0,)
    app.execute(PROOF, values | {"filing": filing})
    return int(filing)


@contextmanager
def a_minute_is_nothing() -> Iterator[None]:
    """Set the rule's tolerance after closing from 60 seconds to 0, so that the test does not wait."""
    with as_owner(), connection.cursor() as owner:
        owner.execute(f"SELECT pg_get_functiondef('{RULE}'::regproc)")
        (rule,) = owner.fetchone()
        assert "interval '60 seconds'" in rule
        owner.execute(rule.replace("interval '60 seconds'", "interval '0 seconds'"))
    try:
        yield
    finally:
        with as_owner(), connection.cursor() as owner:
            owner.execute(rule)


def violations() -> list[str]:
    return list(WITHIN_A_MINUTE.violations())


def test_a_commit_delayed_after_its_check_is_reported_as_late(
    app_connection: AppConnection, draft: Draft, values: dict[str, int]
) -> None:
    offer = draft.submission.offer
    with a_minute_is_nothing():
        close_offer(offer, seconds_ago=-2)
        with pytest.raises(psycopg.errors.CheckViolation) as refused, app_connection.transaction():
            write(app_connection, values)
            time.sleep(2.2)
        assert refused.value.diag.constraint_name == "filing_commits_within_a_minute_of_closing"

        close_offer(offer, seconds_ago=-2)
        with app_connection.transaction():
            filing = write(app_connection, values)
            app_connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            time.sleep(2.2)
    assert Filing.objects.get(pk=filing).received_at < offer.closes_at
    assert violations() == [], "two hundredths of a second late, by the rule that holds"
    # As if the offer had closed an hour earlier: the commit is an hour late.
    close_offer(offer, seconds_ago=3600)
    assert violations() == [f"filing {filing}"]


def test_a_savepoint_does_not_hide_the_transaction(
    app_connection: AppConnection, draft: Draft, values: dict[str, int]
) -> None:
    with app_connection.transaction():
        (number,) = app_connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone() or (0,)
        with app_connection.transaction():
            filing = write(app_connection, values)
    assert Filing.objects.get(pk=filing).transaction == number
    close_offer(draft.submission.offer, seconds_ago=3600)
    assert violations() == [f"filing {filing}"]


def test_a_later_extension_does_not_excuse_a_late_commit(
    app_connection: AppConnection, draft: Draft, values: dict[str, int]
) -> None:
    with app_connection.transaction():
        filing = write(app_connection, values)
    offer = draft.submission.offer
    closing = offer.closes_at
    close_offer(offer, seconds_ago=3600)
    extend_deadline(offer=offer, author=make_staff(), reason="Panne.", closes_at=closing, at=offer.closes_at)
    assert violations() == [f"filing {filing}"]


@pytest.mark.parametrize(
    "change",
    [
        "cluster = cluster + 1",
        "transaction = NULL, cluster = NULL",
        "transaction = transaction - 4294967296",
        "transaction = 3",
    ],
    ids=["written by another server", "written before", "another of that number", "forgotten"],
)
def test_a_filing_without_its_commit_instant_is_not_reported(draft: Draft, change: str) -> None:
    filing = make_filing(offer=draft.submission.offer).filing
    close_offer(draft.submission.offer, seconds_ago=3600)
    assert violations() == [f"filing {filing.pk}"]
    with without_triggers("submissions_filing") as owner:
        owner.execute(f"UPDATE submissions_filing SET {change}")  # noqa: S608 -- constant SQL
    assert violations() == []


def test_a_late_commit_is_found_by_the_role_of_the_application(
    app_connection: AppConnection, draft: Draft
) -> None:
    filing = make_filing(offer=draft.submission.offer).filing
    assert app_connection.execute(WITHIN_A_MINUTE.query).fetchall() == []
    close_offer(draft.submission.offer, seconds_ago=3600)
    assert app_connection.execute(WITHIN_A_MINUTE.query).fetchall() == [(f"filing {filing.pk}",)]
