"""The sessions of a web server that attest how long its requests waited, with real connections."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from intake.devtools.embedded import Urls
from intake.settings import services
from intake.submissions.filing import witness
from intake.submissions.filing.arrivals import Cited, receive_arrival
from intake.submissions.filing.witness import EVERY_SECONDS, SESSIONS, Witnesses
from intake.submissions.lifecycle.errors import OfferNotOpenError
from intake.submissions.models import Arrival
from tests.factories.submissions import ALL_DECLARATIONS, close_offer, make_draft
from tests.submissions.rows import clock_instant

pytestmark = pytest.mark.django_db(transaction=True)
EXACT = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def sessions_of_the_application(
    transactional_db: None, embedded_servers: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sessions log in as the application's role: the database compares with who logged in."""
    del transactional_db
    connection.ensure_connection()
    address = services.database(embedded_servers.database)
    for key in ("USER", "PASSWORD"):
        monkeypatch.setitem(connection.settings_dict, key, address[key])


@pytest.fixture
def witnesses() -> Iterator[Witnesses]:
    """Witnesses whose session began in a short round trip: the other tests may leave this one little time."""
    for _attempt in range(100):
        held = Witnesses()
        held.renew()
        if held._sessions[0].is_exact:
            break
        held._sessions[0].connection.close()
    yield held
    for session in held._sessions:
        session.connection.close()


def _arrive(cited: Cited | None, *, closed_seconds_ago: float | None = None) -> Arrival:
    draft = make_draft()
    if closed_seconds_ago is not None:
        close_offer(draft.submission.offer, seconds_ago=closed_seconds_ago)
    receive_arrival(draft=draft, version=draft.version, declarations=ALL_DECLARATIONS, cited=cited)
    return Arrival.objects.get()


def test_a_request_arrives_when_it_came(witnesses: Witnesses) -> None:
    before, came, after = clock_instant(), time.time_ns(), clock_instant()
    time.sleep(0.5)
    arrived = _arrive(witnesses.cite(came))
    assert before - EXACT <= arrived.arrived_at <= after + EXACT
    assert arrived.attested_at < arrived.arrived_at
    assert arrived.witness is not None
    assert witnesses._sessions[0].witness.partition(":")[2] not in arrived.witness


def test_a_request_that_came_in_time_and_waited_beyond_the_closing_arrives(witnesses: Witnesses) -> None:
    came = time.time_ns()
    time.sleep(0.6)
    assert _arrive(witnesses.cite(came), closed_seconds_ago=0.2).state == "WAITING"


def test_a_request_that_came_late_does_not_arrive(witnesses: Witnesses) -> None:
    draft = make_draft()
    close_offer(draft.submission.offer, seconds_ago=0)
    time.sleep(0.1)
    before, came, after = clock_instant(), time.time_ns(), clock_instant()
    time.sleep(0.3)
    with pytest.raises(OfferNotOpenError) as refused:
        receive_arrival(
            draft=draft, version=draft.version, declarations=ALL_DECLARATIONS, cited=witnesses.cite(came)
        )
    assert refused.value.at is not None
    assert before - EXACT <= refused.value.at <= after + EXACT


def test_no_request_came_before_the_transaction_that_attests_it(witnesses: Witnesses) -> None:
    arrived = _arrive(Cited(witnesses._sessions[0].witness, timedelta(hours=-1)))
    assert arrived.arrived_at == arrived.attested_at


def test_a_request_from_before_every_session_cites_none(witnesses: Witnesses) -> None:
    assert witnesses.cite(witnesses._sessions[0].began_ns - 1) is None
    assert witnesses.cite(None) is None


@pytest.mark.parametrize("forge", ["other secret", "no process", "own session"])
def test_a_forged_witness_attests_nothing(witnesses: Witnesses, forge: str) -> None:
    process, _colon, secret = witnesses._sessions[0].witness.partition(":")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()
    cited = {
        "other secret": f"{process}:x{secret}",
        "no process": f"0:{secret}",
        "own session": f"{own}:{secret}",
    }
    arrived = _arrive(Cited(cited[forge], timedelta(milliseconds=1)))
    assert arrived.attested_at == arrived.arrived_at


def test_the_last_session_before_the_request_is_cited_and_they_stay_few(witnesses: Witnesses) -> None:
    for _time in range(SESSIONS + 1):
        witnesses.renew()
    assert len(witnesses._sessions) <= SESSIONS
    for session in witnesses._sessions:
        cited = witnesses.cite(session.began_ns)
        assert cited == Cited(session.witness, timedelta(0))


def test_a_session_whose_beginning_is_not_known_exactly_replaces_no_other(
    witnesses: Witnesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = witnesses._sessions
    monkeypatch.setattr(witness, "EXACT_NS", -1)
    witnesses.renew()
    assert witnesses._sessions == held
    alone = Witnesses()
    alone.renew()
    assert len(alone._sessions) == 1
    alone._sessions[0].connection.close()


def test_an_old_session_is_replaced_where_every_round_trip_is_long(
    witnesses: Witnesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = witnesses._sessions
    old = replace(first, began_ns=first.began_ns - SESSIONS * EVERY_SECONDS * 10**9)
    witnesses._sessions = (old,)
    monkeypatch.setattr(witness, "EXACT_NS", -1)
    witnesses.renew()
    assert len(witnesses._sessions) == 2
    cited = witnesses.cite(time.time_ns())
    assert cited is not None
    assert cited.elapsed < timedelta(seconds=EVERY_SECONDS)


def test_a_session_outlives_the_limit_of_idle_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = dict(connection.settings_dict["OPTIONS"]) | {
        "options": "-c idle_in_transaction_session_timeout=200ms"
    }
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", limited)
    (opened,) = _opened()
    time.sleep(0.5)
    with closing(opened.connection):
        opened.connection.execute("ROLLBACK")
        (limit,) = opened.connection.execute("SHOW idle_in_transaction_session_timeout").fetchone() or ("",)
    assert limit == "200ms"


def test_a_session_that_fails_while_it_opens_leaves_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[psycopg.Connection[object]] = []
    connect = psycopg.connect

    def note(*args: Any, **options: Any) -> psycopg.Connection[object]:
        opened.append(connect(*args, **options))
        return opened[-1]

    def fail(_connection: object) -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", note)
    monkeypatch.setattr(witness, "_begin", fail)
    with pytest.raises(psycopg.OperationalError):
        Witnesses().renew()
    assert [one.closed for one in opened] == [True]


def _opened() -> tuple[witness._Session, ...]:
    held = Witnesses()
    held.renew()
    return held._sessions


def test_a_session_that_the_database_ended_is_cited_no_more(witnesses: Witnesses) -> None:
    (first,) = witnesses._sessions
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [int(first.witness.partition(":")[0])])
    witnesses.renew()
    assert first not in witnesses._sessions
    assert len(witnesses._sessions) == 1


def test_nothing_is_cited_before_a_session_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(witness, "_open", refuse)
    held = Witnesses()
    with pytest.raises(psycopg.OperationalError):
        held.renew()
    assert held.cite(time.time_ns()) is None


def test_a_session_that_attests_keeps_no_row_version(witnesses: Witnesses) -> None:
    """Else, vacuum would not clean a table while a web server runs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, backend_xmin, backend_xid FROM pg_stat_activity WHERE pid = %s",
            [int(witnesses._sessions[0].witness.partition(":")[0])],
        )
        assert cursor.fetchone() == ("idle in transaction", None, None)
