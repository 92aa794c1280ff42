"""Passwords of PostgreSQL and of Valkey are replaced, as docs/operations/keys.md says, while processes work."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis
from django.core.cache import CacheHandler
from django.db import connections
from kombu import Connection as Broker

from intake.devtools import embedded
from intake.devtools.embedded import valkey
from intake.devtools.embedded.keeper import free_port
from intake.outbox.models import Heartbeat
from intake.settings import services
from tests.settings.environment import NEEDED, REST, ROOT

pytestmark = pytest.mark.servers
OLD, NEW = secrets.token_hex(32), secrets.token_hex(32)


@pytest.fixture
def role(embedded_servers: embedded.Urls, transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's connection, and a role of this test with the rights of the application's."""
    del transactional_db
    name = connections["default"].settings_dict["NAME"]
    with psycopg.connect(embedded_servers.database_superuser, dbname=name, autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE rotated LOGIN PASSWORD '{OLD}' IN ROLE intake_app")
        yield superuser
        superuser.execute("DROP OWNED BY rotated; DROP ROLE rotated")


WORK = """
import django; django.setup()
from django.db import connection, transaction
from intake.outbox.heartbeats import Heart
with transaction.atomic():
    connection.ensure_connection()
    print("under way", flush=True)
    input()
    Heart("beat").beat()
connection.close()  # back to the pool, as after each request
Heart("sweeper").beat()
"""


def _worker(servers: embedded.Urls, password: str) -> "subprocess.Popen[str]":
    """A process of production's settings, in the middle of its work."""
    server = servers.database.rpartition("@")[2].rpartition("/")[0]
    address = f"postgres://rotated:{password}@{server}/{connections['default'].settings_dict['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-c", WORK],
        env={"PATH": os.environ["PATH"]} | NEEDED | REST | {"DATABASE_URL": f"{address}?connect_timeout=2"},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_work_under_way_commits_when_the_password_of_the_database_changes(
    embedded_servers: embedded.Urls, role: psycopg.Connection[Any]
) -> None:
    with _worker(embedded_servers, OLD) as old:
        assert old.stdout is not None
        assert old.stdout.readline() == "under way\n"
        role.execute(f"ALTER ROLE rotated PASSWORD '{NEW}'")
        _out, error = old.communicate("go on\n", timeout=30)
        assert old.returncode == 0, error
    assert {beat.process for beat in Heartbeat.objects.all()} == {"beat", "sweeper"}
    Heartbeat.objects.all().delete()
    for password in (NEW, OLD):
        with _worker(embedded_servers, password) as restarted:
            _out, error = restarted.communicate("go on\n", timeout=30)
            assert (restarted.returncode == 0) is (password == NEW), error
    assert "password authentication failed" in error
    assert Heartbeat.objects.count() == 2


@pytest.fixture
def server() -> Iterator[tuple[int, Any]]:
    """A Valkey with the old password: its port, and its operator."""
    port = free_port()
    started = subprocess.Popen(
        [str(valkey.binary()), "--port", str(port), "--save", "", "--requirepass", OLD],
        cwd="/",
        stdout=subprocess.DEVNULL,
    )
    operator: Any = redis.Redis(port=port, password=OLD)
    for _look in range(100):
        try:
            operator.ping()
            break
        except redis.ConnectionError:
            time.sleep(0.05)
    yield port, operator
    operator.close()
    started.kill()
    started.wait()


def test_processes_with_either_password_share_cache_and_broker(
    server: tuple[int, Any],
) -> None:
    port, operator = server

    def process(password: str) -> tuple[Any, Broker]:
        address = f"redis://:{password}@127.0.0.1:{port}"
        return CacheHandler(services.caches(f"{address}/1"))["default"], Broker(f"{address}/0")

    (old_cache, old_broker), (new_cache, new_broker) = process(OLD), process(NEW)
    old_cache.set("kept", [1])
    operator.execute_command("ACL", "SETUSER", "default", f">{NEW}")
    assert new_cache.get("kept") == [1]
    new_cache.set("kept", [2])
    assert old_cache.get("kept") == [2]
    old_broker.SimpleQueue("mail").put("a wake")
    assert new_broker.SimpleQueue("mail").get(timeout=5).payload == "a wake"
    operator.execute_command("ACL", "SETUSER", "default", f"<{OLD}")
    assert new_cache.get("kept") == [2]
    assert old_cache.get("kept") == [2]  # by its open connection
    forgotten, _broker = process(OLD)
    assert forgotten.get("kept") is None  # and its pages are served
    forgotten._absence.breaker.close()
    for broker in (old_broker, new_broker):
        broker.release()
