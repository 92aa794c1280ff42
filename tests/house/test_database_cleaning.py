"""Rows that a test committed are gone before the next test; rows that migrations wrote are unchanged."""

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from psycopg.pq import TransactionStatus

from intake.accounts.models import User
from intake.devtools import embedded
from tests import database_cleaning
from tests.database_cleaning import DatabaseCleaner, restart_keys
from tests.database_roles import as_owner
from tests.factories.people import make_user
from tests.factories.submissions import make_filing

pytestmark = pytest.mark.django_db(transaction=True)


def _filled() -> set[str]:
    with connection.cursor() as cursor:
        counted = {}
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 -- our own tables
            counted[table] = cursor.fetchone()[0]
    return {table for table, count in counted.items() if count}


@pytest.fixture
def emptier(embedded_servers: embedded.Urls) -> DatabaseCleaner:
    """A cleaner that has recorded the contents of an empty database; every test leaves the database in this state."""
    made = DatabaseCleaner(embedded_servers.database_superuser)
    assert not made.empty(), "it knows nothing yet"
    made.remember()
    return made


def test_every_row_is_deleted_except_those_of_migrations(emptier: DatabaseCleaner) -> None:
    left, groups = _filled(), set(Group.objects.values_list("pk", "name"))
    make_filing()
    assert _filled() >= left | {"submissions_filing", "journal_entry", "dossiers_seal", "offers_offer"}
    assert emptier.empty()
    assert _filled() == left
    assert set(Group.objects.values_list("pk", "name")) == groups
    make_filing()  # fails if a sequence was reset or a trigger is off


def test_large_or_changed_tables_are_left_to_django(
    emptier: DatabaseCleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_filing()
    filled = _filled()
    monkeypatch.setattr(database_cleaning, "MANY", 0)
    assert not emptier.empty()
    assert _filled() == filled, "a large table is truncated instead"
    monkeypatch.undo()
    group = Group.objects.order_by("pk")[0]
    group.name = "un autre nom"
    with as_owner():
        group.save()
    assert not emptier.empty()
    assert _filled() == filled, "a role that a test changed is written again"


def test_waiting_for_an_open_transaction_has_a_limit(
    emptier: DatabaseCleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_cleaning, "PATIENCE", "50ms")
    connection.set_autocommit(False)
    try:
        with as_owner():
            Group.objects.create(name="pas encore validé")
        assert not emptier.empty()
    finally:
        connection.rollback()
        connection.set_autocommit(True)
    assert emptier.empty(), "nothing is open any more"


def test_a_kept_connection_serves_until_a_test_ends_it(embedded_servers: embedded.Urls) -> None:
    cleaner = DatabaseCleaner(embedded_servers.database_superuser, keeps=True)
    cleaner.remember()
    first = cleaner._kept
    assert first is not None
    for _rank in range(2):
        make_user()
        assert cleaner.empty()
        assert cleaner._kept is first
        assert first.info.transaction_status == TransactionStatus.IDLE, "an open transaction keeps its locks"
    with psycopg.connect(embedded_servers.database_superuser) as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 10000)", [first.info.backend_pid])
    make_user()
    assert cleaner.empty()
    assert cleaner._kept is not first
    assert not User.objects.exists()
    cleaner.close()
    assert cleaner._kept is None


def test_keys_restart_after_the_last_row_until_the_transaction_is_rolled_back() -> None:
    last = make_user().pk
    with transaction.atomic():
        skipped = make_user().pk
        transaction.set_rollback(True)
    with transaction.atomic():
        restart_keys()
        first = make_user().pk
        transaction.set_rollback(True)
    assert (first, make_user().pk) == (last + 1, skipped + 1)
