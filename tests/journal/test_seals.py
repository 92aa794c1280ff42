"""Seals of the journal: what the application's database role inserts without a process of the portal is found."""

from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from intake.accounts.models import User
from intake.journal.chain import Difference, forged_entries, verify_chains
from intake.journal.models import Entry
from intake.journal.seals import is_genuine, seal
from intake.journal.services import record
from intake.operations.invariants import COMPUTED
from tests.database_roles import as_owner
from tests.factories.people import make_user
from tests.journal.test_chain import ERASE, execute_as_owner

type AppConnection = psycopg.Connection[tuple[Any, ...]]
INSERT = """
INSERT INTO journal_entry (actor_id, action, subject_kind, subject_id, detail, seal)
VALUES (%(actor)s, 'ROLE_GIVEN', 'accounts.user', %(subject)s, 'Personnel', %(seal)s) RETURNING id
"""
FORGED = f"2031.{'a' * 22}.{'0' * 64}"


@pytest.fixture
def genuine(app_connection: AppConnection) -> Entry:
    """An entry that the portal wrote about a role given by one user to another, and committed."""
    del app_connection
    return record(actor=make_user(), action="ROLE_GIVEN", subject=make_user(), detail="Personnel")


def insert(thief: AppConnection, entry: Entry, written: str) -> str:
    """Insert, with the application's role and nothing else, an entry that names another's act."""
    row = thief.execute(
        INSERT, {"actor": entry.actor_id, "subject": entry.subject_id, "seal": written}
    ).fetchone()
    assert row is not None
    return str(row[0])


def test_an_entry_forged_with_the_database_role_is_found(
    app_connection: AppConnection, genuine: Entry
) -> None:
    assert (verify_chains().differs, list(forged_entries())) == (None, [])
    key = insert(app_connection, genuine, FORGED)
    assert verify_chains().differs == Difference("journal_entry", key, "SEAL")
    assert list(forged_entries()) == [key]
    [invariant] = COMPUTED
    assert list(invariant.violations()) == [key]


def test_a_part_of_a_genuine_seal_seals_nothing_else(app_connection: AppConnection, genuine: Entry) -> None:
    name, nonce, code = genuine.seal.split(".")
    other = insert(app_connection, genuine, f"{name}.{nonce[::-1]}.{code}")
    assert list(forged_entries()) == [other]


@pytest.mark.django_db
def test_each_member_of_an_entry_is_sealed() -> None:
    content = [1, "ROLE_GIVEN", "accounts.user", "x", "Personnel"]
    written = seal(content)
    assert is_genuine(written, content)
    for place in range(5):
        assert not is_genuine(written, [*content[:place], "other", *content[place + 1 :]]), place
    assert seal(content) != written


@pytest.mark.django_db
def test_every_operation_that_inserts_entries_seals_them() -> None:
    user = make_user()
    Entry.objects.bulk_create(Entry(action="TESTED", actor=user, detail=str(each)) for each in range(3))
    record(actor=None, action="SWEPT", subject=None)
    assert Entry.objects.exclude(seal="").count() == Entry.objects.count() > 3
    assert verify_chains().differs is None
    assert not list(forged_entries())


@pytest.mark.django_db
def test_a_seal_by_an_older_key_stays_genuine_and_one_by_an_unknown_key_does_not(settings: Settings) -> None:
    old = settings.JOURNAL_KEYS
    entry = record(actor=None, action="SWEPT", subject=None)
    settings.JOURNAL_KEYS = {"new": "n" * 40} | old
    assert record(actor=None, action="SWEPT", subject=None).seal.startswith("new.")
    assert verify_chains().differs is None
    settings.JOURNAL_KEYS = {"new": "n" * 40}
    assert verify_chains().differs == Difference("journal_entry", str(entry.pk), "SEAL")


@pytest.mark.django_db
def test_a_process_without_a_key_writes_no_entry(settings: Settings) -> None:
    settings.JOURNAL_KEYS = {}
    with pytest.raises(ImproperlyConfigured, match="JOURNAL_KEYS"):
        record(actor=None, action="SWEPT", subject=None)


@pytest.mark.django_db
def test_an_erased_entry_needs_no_seal() -> None:
    entry = record(actor=None, action="SWEPT", subject=None, detail="x")
    execute_as_owner(ERASE, entry.pk)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE journal_entry SET seal = %s WHERE id = %s", [FORGED, entry.pk])
    assert (verify_chains().differs, list(forged_entries())) == (None, [])


@pytest.mark.django_db
def test_an_entry_without_a_seal_is_found() -> None:
    user = User.objects.create(email="a@exemple.ca")
    entry = record(actor=user, action="LOOKED_AT", subject=user)
    execute_as_owner("ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_is_sealed")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE journal_entry SET seal = '' WHERE id = %s", [entry.pk])
    assert verify_chains().differs == Difference("journal_entry", str(entry.pk), "SEAL")
