"""R10 (`docs/targets.md`): what SQL can do as the application's role, by statement, with PostgreSQL's answer.

`pytest -s tests/faults/test_raw_sql.py` prints the table.
"""

import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from intake.dossiers.sealed_payload import Payload
from intake.submissions.models import Filing
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.payloads import seal_payload
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer
from tests.faults.figures_from_tests import write_figures

type AppConnection = psycopg.Connection[tuple[Any, ...]]

FILE = (
    "INSERT INTO submissions_filing (submission_id, sequence, draft_id, seal_id, received_at)"
    " VALUES ({submission}, 1, {draft}, {seal}, '2001-01-01')"
)
NOW = "SET CONSTRAINTS ALL IMMEDIATE"
LATE, UNFINISHED = "23514 filing_is_received_before_closing", "23514 filing_has_its_receipt_and_verdict"
UNSAID = "23514 a_later_closing_has_its_extension"
MOVED = "23514 a_filed_submission_keeps_its_offer_and_person"
NOT_MOVED = "23514 an_extension_is_of_the_closing_that_holds"
FORBIDDEN = "42501"
CLOSE_LATER = "UPDATE offers_offer SET closes_at = now() + interval '1 day' WHERE id = {closed}"
# `roles.sql` forbids temporary tables in the portal's database. The tests' database allows them, to test the rule
# itself.
OWN_OFFER = (
    "CREATE TEMP TABLE offers_offer ON COMMIT DROP AS SELECT * FROM public.offers_offer",
    "UPDATE pg_temp.offers_offer SET closes_at = 'infinity'",
)
PUT_BEFORE = "; ".join([*OWN_OFFER, FILE])
EXTEND = (
    "INSERT INTO submissions_personalextension (offer_id, candidate_id, author_id, reason, closed_at_before, closes_at)"
    " VALUES ({opened}, {person}, {person}, 'x', now(), now() - interval '1 day')"
)
EXTEND_ALL = (
    "INSERT INTO offers_offerextension (offer_id, author_id, reason, at, closed_at_before, closes_at) SELECT o.id,"
    " {{person}}, 'x', '2001-01-01', '2001-01-01', {closes_at} FROM offers_offer o WHERE o.id = {{closed}}"
)
# SAY_SOONER claims an earlier closing of an offer without extension; SAY_MOVED, a second extension of one.
SAY_SOONER = (
    "INSERT INTO offers_offerextension (offer_id, author_id, reason, closed_at_before, closes_at)"
    " SELECT id, {person}, 'x', closes_at - interval '3 days', closes_at FROM offers_offer WHERE id = {opened}"
)
HAVE_HELD = "UPDATE offers_offer SET closed_at_before = closes_at - interval '3 days' WHERE id = {opened}"
MOVE = "UPDATE offers_offer SET closes_at = closes_at + interval '1 day' WHERE id = {opened}"
SAY_MOVED = SAY_SOONER.replace("3 days", "1 day")
RULE = "CREATE OR REPLACE FUNCTION stamp_filing_and_refuse_late() RETURNS trigger LANGUAGE plpgsql AS ''"
LINK = "INSERT INTO journal_link (entry_id, lane, position, commitment, digest) VALUES (1, 99, 1, '', '')"
ATTEMPTS = (
    ("file late, and say that it was in time", FILE, LATE),
    ("file late, from a session in another zone", f"SET LOCAL timezone = 'Pacific/Midway'; {FILE}", LATE),
    ("file late, with an offer of one's own put before the real one", PUT_BEFORE, LATE),
    (
        "file what is not sealed yet",
        FILE.replace("{seal}", "0"),
        "23514 a_filing_is_sealed_as_it_is_received",
    ),
    ("close the offer later, and say no reason", f"{CLOSE_LATER}; {NOW}", UNSAID),
    ("close the offer later, then file", f"{CLOSE_LATER}; {FILE}; {NOW}", UNSAID),
    (
        "close an offer sooner",
        "UPDATE offers_offer SET closes_at = now() WHERE id = {opened}",
        "23514 published_offer_closes_only_later",
    ),
    (
        "file on an open offer, then say that it was for the closed one",
        "UPDATE submissions_submission SET offer_id = {closed} WHERE id = {filed}",
        MOVED,
    ),
    (
        "let somebody else have filed",
        "UPDATE submissions_submission SET candidate_id = {other} WHERE id = {filed}",
        MOVED,
    ),
    ("switch the triggers off, then file", f"SET session_replication_role = replica; {FILE}", FORBIDDEN),
    (
        "take the trigger away",
        "DROP TRIGGER filing_is_stamped_and_on_time ON submissions_filing",
        FORBIDDEN,
    ),
    ("switch the trigger off", "ALTER TABLE submissions_filing DISABLE TRIGGER ALL", FORBIDDEN),
    ("write the rule again", RULE, FORBIDDEN),
    ("be the owner", "SET ROLE intake_owner", FORBIDDEN),
    ("give numbers again", "SELECT setval('submissions_receipt_serial', 1)", FORBIDDEN),
    ("give an extension that ends sooner", EXTEND, "23514 a_personal_extension_closes_only_later"),
    (
        "give everyone an extension that is past, and say that it was given in time",
        EXTEND_ALL.format(closes_at="o.closes_at"),
        "23514 an_extension_closes_later_than_now",
    ),
    (
        "write an extension now, to close the offer later by it one day",
        EXTEND_ALL.format(closes_at="now() + interval '1 day'"),
        NOT_MOVED,
    ),
    ("say that an offer that nobody extends was to close sooner", SAY_SOONER, NOT_MOVED),
    ("write what held before, then say that it was so", f"{HAVE_HELD}; {SAY_SOONER}", NOT_MOVED),
    ("extend, and say another closing before", f"{MOVE}; {SAY_MOVED}; {SAY_SOONER}", NOT_MOVED),
    ("extend, and say so twice", f"{MOVE}; {SAY_MOVED}; {SAY_MOVED}", "23505 an_extension_is_written_once"),
    ("write a link of the journal", LINK, FORBIDDEN),
    ("change a link of the journal", "UPDATE journal_link SET digest = ''", FORBIDDEN),
)
"""Name of each attempt, its SQL, and the expected SQLSTATE with its constraint."""
KEPT = (
    *("submissions_filing", "submissions_receipt", "submissions_verdict", "submissions_fileddocument"),
    *("submissions_transition", "submissions_reviewrequest", "submissions_ruling", "dossiers_seal"),
    *("submissions_personalextension", "journal_entry", "review_evidence", "review_shortlist"),
)
CHANGES = (
    ("change a row of {table}", "UPDATE {table} SET id = id"),
    ("take a row of {table} away", "DELETE FROM {table}"),
    ("empty {table}", "TRUNCATE {table} CASCADE"),
)
RESET = "ALTER FUNCTION stamp_filing_and_refuse_late() {} search_path"


def attempts(values: dict[str, int]) -> Iterator[tuple[str, str, str]]:
    """Yield every attempt on the rows of `values`, then every change of every append-only table."""
    for what, statement, expected in ATTEMPTS:
        yield what, statement.format(**values), expected
    for table in KEPT:
        for what, statement in CHANGES:
            yield what.format(table=table), statement.format(table=table), FORBIDDEN


@pytest.fixture
def values(app_connection: AppConnection) -> dict[str, int]:
    """A filing on an open offer, a draft on one that closed a second ago, and a seal for it."""
    del app_connection
    filed, late = make_filing().filing, make_draft(offer=make_open_offer())
    close_offer(late.submission.offer, seconds_ago=1)
    return {
        "filed": filed.submission_id,
        "person": filed.submission.candidate_id,
        "opened": filed.submission.offer_id,
        "submission": late.submission_id,
        "draft": late.pk,
        "other": late.submission.candidate_id,
        "closed": late.submission.offer_id,
        "seal": seal_payload(payload=Payload.parse(filed.seal.canonical or ""), at=timezone.now()).pk,
    }


def test_raw_sql_of_the_application_can_neither_file_late_nor_change_records(
    app_connection: AppConnection, values: dict[str, int]
) -> None:
    faults, lines = 0, []
    for what, statement, expected in attempts(values):
        answer, said = _answer(app_connection, statement)
        faults += answer != expected
        lines.append(f"| {what} | `{answer}` {said} |")
    assert Filing.objects.count() == 1
    sys.stdout.write("\n".join(["", "| attempt | PostgreSQL's answer |", "|---|---|", *lines, ""]))
    write_figures(
        "R10",
        [faults],
        target="raw SQL as the application's role cannot file late, edit or delete a filing, a receipt, a journal row",
        note=f"{len(lines)} attempts, each refused; `pytest -s tests/faults/test_raw_sql.py` prints each answer",
    )
    assert faults == 0, "\n".join(lines)


def test_a_filing_without_its_receipt_is_refused_at_commit(
    app_connection: AppConnection, values: dict[str, int]
) -> None:
    close_offer(Offer.objects.get(pk=values["closed"]), seconds_ago=-60)
    assert _answer(app_connection, FILE.format(**values))[0] == UNFINISHED


def test_the_rule_needs_its_search_path_to_read_the_right_offer(
    app_connection: AppConnection, values: dict[str, int]
) -> None:
    with as_owner(), connection.cursor() as owner:
        owner.execute(RESET.format("RESET"))
        try:
            answer, _said = _answer(app_connection, PUT_BEFORE.format(**values))
        finally:
            owner.execute(RESET.format("SET") + " = public, pg_temp")
    assert answer == UNFINISHED, "the deadline did not stop it: what did comes later"
    assert _answer(app_connection, PUT_BEFORE.format(**values))[0] == LATE


def _answer(app: AppConnection, statement: str) -> tuple[str, str]:
    """Return the SQLSTATE of a transaction of `statement` alone, with the constraint, and the message."""
    try:
        with app.transaction():
            app.execute(statement)
    except psycopg.Error as refused:
        constraint = refused.diag.constraint_name
        message = (refused.diag.message_primary or "").replace("|", "¦")
        return f"{refused.sqlstate} {constraint}" if constraint else str(refused.sqlstate), message
    return "done", ""
