"""The portal behind PgBouncer, which gives each transaction another session of the server."""

from collections.abc import Iterator
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path
from time import sleep, time_ns
from urllib.parse import quote

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction

from intake import startup_checks
from intake.journal.chain import forged_entries
from intake.journal.services import record
from intake.settings import services
from intake.submissions.filing.arrivals import receive_arrival
from intake.submissions.filing.witness import SESSIONS, Witnesses
from intake.submissions.models import Arrival
from intake.web.batches import read_in_batches
from intake.web.prepared import fetch_one
from tests import pooler
from tests.factories.people import make_user
from tests.factories.submissions import ALL_DECLARATIONS, make_draft
from tests.pooler import PgBouncer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]
PROCESSES = 4


@pytest.fixture
def behind_pooler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PgBouncer]:
    """Connect this thread through a pooler whose sessions take turns: what one statement sets, the next has not."""
    known = connection.settings_dict
    with PgBouncer(tmp_path / "pooler", _address(), server_round_robin="1") as started, ExitStack() as busy:
        others = [busy.enter_context(psycopg.connect(started.url)) for _ in range(PROCESSES)]
        for other in others:
            other.execute("SELECT 1")
        for other in others:
            other.rollback()
        connection.close()
        monkeypatch.setitem(known, "HOST", "127.0.0.1")
        monkeypatch.setitem(known, "PORT", started.port)
        cursors = services.database(started.url)["DISABLE_SERVER_SIDE_CURSORS"]
        monkeypatch.setitem(known, "DISABLE_SERVER_SIDE_CURSORS", cursors)
        yield started
        connection.close()


def _address() -> str:
    known = connection.settings_dict
    user, password = quote(known["USER"], safe=""), quote(known["PASSWORD"], safe="")
    return f"postgres://{user}:{password}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


def _process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    return int(process)


@pytest.mark.usefixtures("behind_pooler")
def test_a_request_behind_a_pooler_arrives_when_it_came() -> None:
    assert len({_process() for _ in range(PROCESSES)}) == PROCESSES
    witnesses = Witnesses()
    for _ in range(SESSIONS):
        witnesses.renew()
    came = time_ns()
    sleep(0.3)
    draft = make_draft()
    receive_arrival(
        draft=draft,
        version=draft.version,
        declarations=ALL_DECLARATIONS,
        cited=witnesses.cite(came),
    )
    arrival = Arrival.objects.get()
    for session in witnesses._sessions:
        session.connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp() - arrived_at FROM submissions_arrival")
        (waited,) = cursor.fetchone()
    assert arrival.attested_at < arrival.arrived_at
    assert waited.total_seconds() >= 0.3


@pytest.mark.usefixtures("behind_pooler")
def test_prepared_statements_follow_their_process_to_each_session_behind_a_pooler() -> None:
    found = {fetch_one("SELECT pg_backend_pid(), %s::text", ["é"]) for _ in range(PROCESSES)}
    assert len({process for process, _text in found}) == PROCESSES
    assert {text for _process, text in found} == {"é"}
    with suppress(DatabaseError), transaction.atomic():
        fetch_one("SELECT 1 / %s", [0])
    assert fetch_one("SELECT %s::text", ["again"]) == ("again",)  # psycopg forgot them all as it rolled back


@pytest.mark.parametrize("followed, ended", [("100", ""), ("0", "loses prepared statements")])
def test_a_process_behind_a_pooler_that_loses_its_statements_ends(
    followed: str, ended: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup_checks, "BYPASS_QUERY", "SELECT false")  # the tests own their tables
    with PgBouncer(tmp_path, _address(), max_prepared_statements=followed) as started:
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connection.settings_dict, "PORT", started.port)
        with pytest.raises(SystemExit, match=ended) if ended else nullcontext():
            startup_checks.check_settings_complete()


@pytest.mark.usefixtures("behind_pooler")
def test_no_row_is_missing_behind_a_pooler() -> None:
    Group.objects.bulk_create(Group(name=f"rows {number}") for number in range(250))
    expected = [f"rows {number}" for number in range(250)]
    rows = Group.objects.filter(name__startswith="rows ").order_by("pk")
    assert [row.name for row in rows.iterator(chunk_size=20)] == expected
    assert [row.name for row in read_in_batches(rows, size=20)] == expected


@pytest.mark.usefixtures("behind_pooler")
def test_the_check_of_recent_entries_reads_all_of_them_behind_a_pooler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("intake.journal.chain._BATCH_SIZE", 2)
    user = make_user()
    for _ in range(5):
        record(actor=user, action="SIGNED_IN", subject=None)
    monkeypatch.setattr("intake.journal.chain.is_genuine", lambda _written, _content: False)
    assert len(list(forged_entries())) == 5


def test_a_machine_without_a_pooler_gets_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(pooler, "SYSTEM_FOLDER", "")
    with pytest.raises(FileNotFoundError, match="install the Debian package pgbouncer"):
        pooler.pgbouncer()
