"""The database chains each entry as it is written; every later change is detected."""

import threading
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from intake.journal.chain import Difference, verify_chains
from intake.journal.models import Entry, Link
from intake.journal.seals import seal
from intake.journal.services import record
from tests.database_roles import as_owner
from tests.factories.people import make_user

ADD = "INSERT INTO journal_entry (action, subject_kind, subject_id, detail, seal) VALUES ('TESTED', '', '', %s, %s)"
WORDS = ("", "é « ' \" \\ \n\t\x7f\u2028 😀", "{}", "[1, 2]", "ligne\r\nautre")


ERASE = """
UPDATE journal_entry SET actor_id = NULL, subject_kind = '', subject_id = '', detail = '' WHERE id = {0};
UPDATE journal_link SET salt = NULL WHERE entry_id = {0}
"""
CUT_OFF = "DELETE FROM journal_entry WHERE id >= {0}; DELETE FROM journal_link WHERE entry_id >= {0}"


def execute_as_owner(statement: str, *keys: int) -> None:
    """Execute a forbidden statement as the owner, with the triggers disabled."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("journal_entry", "journal_link"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement.format(*keys))


def write(count: int = 5) -> list[Entry]:
    subject = make_user()
    return [
        record(actor=subject, action="LOOKED_AT", subject=subject, detail=WORDS[each % len(WORDS)])
        for each in range(count)
    ]


@pytest.mark.django_db
def test_chains_of_entries_with_any_text_are_verified() -> None:
    entries = write(2 * len(WORDS))
    record(actor=None, action="SWEPT", subject=None)
    audit = verify_chains()
    assert (audit.differs, audit.checked, audit.anonymised) == (None, Entry.objects.count(), 0)
    last = Link.objects.order_by("-position")[0]
    assert audit.heads == {1: (last.position, last.digest)}
    assert last.position > len(entries)


@pytest.mark.django_db
def test_entries_written_together_are_chained_in_their_order() -> None:
    Entry.objects.bulk_create(Entry(action="TESTED", detail=str(each)) for each in range(20))
    assert verify_chains().differs is None
    said = (
        Link.objects.filter(entry__action="TESTED")
        .order_by("position")
        .values_list("entry__detail", flat=True)
    )
    assert list(said) == [str(each) for each in range(20)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change, reason",
    [
        ("UPDATE journal_entry SET detail = detail || ' ' WHERE id = {}", "CONTENT"),
        ("UPDATE journal_entry SET actor_id = NULL WHERE id = {}", "CONTENT"),
        ("UPDATE journal_entry SET subject_id = 'x' WHERE id = {}", "CONTENT"),
        ("UPDATE journal_entry SET action = 'OTHER' WHERE id = {}", "CHAIN"),
        ("UPDATE journal_entry SET at = at + interval '1 microsecond' WHERE id = {}", "CHAIN"),
        ("DELETE FROM journal_entry WHERE id = {}", "ENTRY_MISSING"),
        ("DELETE FROM journal_link WHERE entry_id = {}", "LINK_MISSING"),
        ("UPDATE journal_link SET salt = gen_random_uuid() WHERE entry_id = {}", "CONTENT"),
        ("UPDATE journal_link SET commitment = repeat('a', 64), salt = NULL WHERE entry_id = {}", "CHAIN"),
        ("UPDATE journal_link SET digest = repeat('a', 64) WHERE entry_id = {}", "CHAIN"),
    ],
)
def test_a_changed_byte_is_reported_with_its_entry(change: str, reason: str) -> None:
    third, after = write()[2:4]
    execute_as_owner(change, third.pk)
    # If the link itself is deleted, its successor shows the difference.
    named = after if change.startswith("DELETE FROM journal_link") else third
    assert verify_chains().differs == Difference("journal_entry", str(named.pk), reason)


@pytest.mark.django_db
def test_an_entry_inserted_without_the_trigger_is_reported() -> None:
    write()
    execute_as_owner(ADD.replace("%s, %s", f"'', '{seal([None, 'TESTED', '', '', ''])}'"))
    slipped = Entry.objects.order_by("-pk")[0]
    assert verify_chains().differs == Difference("journal_entry", str(slipped.pk), "LINK_MISSING")


@pytest.mark.django_db
def test_an_anonymised_entry_keeps_its_chain_valid() -> None:
    third = write()[2]
    execute_as_owner(ERASE, third.pk)
    audit = verify_chains()
    assert (audit.differs, audit.anonymised) == (None, 1)


@pytest.mark.django_db
def test_earlier_heads_reveal_a_truncated_or_rewritten_chain() -> None:
    entries = write()
    kept = verify_chains().heads
    write(2)
    assert verify_chains(since=kept).differs is None
    [(lane, (position, _digest))] = kept.items()
    forged = {lane: (position, "0" * 64)}
    assert verify_chains(since=forged).differs == Difference(
        "journal_entry", str(entries[-1].pk), "WRITTEN_AGAIN"
    )
    execute_as_owner(CUT_OFF, entries[-1].pk)
    assert verify_chains().differs is None, "a chain cannot tell its own end"
    assert verify_chains(since=kept).differs == Difference("journal_link", f"{lane}.{position}", "CUT_OFF")


# -- The application's role, and concurrent transactions -----------------------------------------------------------
def test_the_application_cannot_write_a_link_of_the_chain(
    app_connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    said = "par le rôle de l’application"
    app_connection.execute(ADD, [said, seal([None, "TESTED", "", "", said])])
    assert Link.objects.count() == 1
    assert verify_chains().differs is None
    for statement in (
        "INSERT INTO journal_link (entry_id, lane, position, commitment, digest) VALUES (99, 9, 1, '', '')",
        "UPDATE journal_link SET digest = ''",
        "DELETE FROM journal_link",
        "TRUNCATE journal_link",
        "SELECT link_journal_entry(e, 9) FROM journal_entry e",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_connection.execute(statement)


def test_two_concurrent_transactions_write_without_waiting(
    app_connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    # The first transaction stays open while the second commits: with one chain, the second would wait for the first.
    with transaction.atomic():
        record(actor=None, action="FIRST", subject=None)
        finished = threading.Event()

        def second() -> None:
            said = "pendant ce temps"
            app_connection.execute(ADD, [said, seal([None, "TESTED", "", "", said])])
            finished.set()

        other = threading.Thread(target=second)
        other.start()
        assert finished.wait(10), "the second waited for the first"
        other.join()
    lanes = dict(Link.objects.values_list("entry__action", "lane"))
    assert lanes == {"FIRST": 1, "TESTED": 2}
    assert verify_chains().differs is None
