"""A connection of the pool is checked before a request uses it, by a round trip once a second at most."""

import re
from collections.abc import Iterator
from unittest.mock import Mock

import psycopg
import pytest
from django.db import connection as django_connection
from psycopg_pool import ConnectionPool

from intake.devtools.embedded import Urls
from intake.settings import pool

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Iterator["psycopg.Connection[object]"]:
    with psycopg.connect(**django_connection.get_connection_params(), autocommit=True) as opened:
        yield opened


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> Mock:
    counted = Mock(side_effect=ConnectionPool.check_connection)
    monkeypatch.setattr("psycopg_pool.ConnectionPool.check_connection", counted)
    return counted


def test_a_round_trip_checks_a_connection_once_a_second(
    connection: "psycopg.Connection[object]", round_trips: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for second in (100.0, 100.1, 100.9, 101.0):
        monkeypatch.setattr(pool, "monotonic", Mock(return_value=second))
        pool.check_connection(connection)
        counts.append(round_trips.call_count)
    assert counts == [1, 1, 1, 2]


def test_a_connection_that_the_server_closed_is_found_at_once(
    connection: "psycopg.Connection[object]", embedded_servers: Urls
) -> None:
    pool.check_connection(connection)
    with psycopg.connect(embedded_servers.database_superuser, autocommit=True) as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
    with pytest.raises(psycopg.OperationalError, match=re.compile("terminat|clos")):
        pool.check_connection(connection)


def test_a_check_that_failed_is_repeated_at_once(
    connection: "psycopg.Connection[object]", monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Mock(side_effect=psycopg.OperationalError)
    monkeypatch.setattr("psycopg_pool.ConnectionPool.check_connection", silent)
    for _attempt in range(2):
        with pytest.raises(psycopg.OperationalError):
            pool.check_connection(connection)


def test_the_portal_s_pool_checks_so() -> None:
    assert django_connection.settings_dict["OPTIONS"].get("pool", {}).get("check", pool.check_connection) is (
        pool.check_connection
    )
