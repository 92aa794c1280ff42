"""A cache server that does not respond counts as empty: sessions and rate limits continue, and no request waits."""

import os
import pickle
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.core.cache.backends.redis import RedisCache
from django.test import Client
from pytest_django import Settings

from intake.devtools.embedded import Urls, valkey
from intake.devtools.embedded.keeper import free_port
from intake.settings.services import SESSION_PATIENCE, caches
from intake.settings.services import cache as cache_settings
from intake.web import circuit_breaker as breakers
from intake.web.cache import FaultTolerantRedisCache, JsonSerializer, SealedSerializer, _server_states
from intake.web.circuit_breaker import CircuitBreaker
from tests.factories.people import client_of, make_user

SESSION = f"{KEY_PREFIX}abc"


def _cache(port: int, **patience: Any) -> FaultTolerantRedisCache:
    settings = cache_settings(f"redis://127.0.0.1:{port}/1", **patience)
    return FaultTolerantRedisCache(settings.pop("LOCATION"), settings)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, list[subprocess.Popen[bytes]]]]:
    """A port, and the server that listens there after `_start`."""
    running: list[subprocess.Popen[bytes]] = []
    yield free_port(), running
    for process in running:
        process.kill()
        process.wait()
    del tmp_path


def _start(port: int, running: list[subprocess.Popen[bytes]], folder: Path) -> None:
    process = subprocess.Popen(
        [str(valkey.binary()), "--port", str(port), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    running.append(process)
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)


@pytest.mark.servers
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of a killed server
def test_a_session_changed_during_an_outage_is_never_read_stale(
    server: tuple[int, list[subprocess.Popen[bytes]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, running = server
    monkeypatch.setattr(breakers, "PROBE_SECONDS", 0.05)
    _start(port, running, tmp_path)
    cache = _cache(port)
    cache._absence.breaker._every = 0.05
    cache.set(SESSION, {"user": 1}, 60)
    cache.set("kept", 1, 60)
    assert cache.get(SESSION) == {"user": 1}
    running[-1].send_signal(19)  # SIGSTOP: keeps its data, does not respond
    began = time.monotonic()
    assert cache.get(SESSION) is None
    assert cache.delete(SESSION) is False
    for _ in range(50):
        assert cache.get(SESSION, "none") == "none"
    cache.set("limit", 3, 60)
    assert cache.get("limit") == 3
    assert cache.add("limit", 4) is False
    assert cache.incr("limit") == 4
    assert cache.has_key("limit")
    assert cache.touch("limit", 60)
    assert not cache.has_key(SESSION)
    assert cache.get("kept") is None
    assert time.monotonic() - began < 1
    running[-1].send_signal(18)
    ends = time.monotonic() + 10
    while cache._absence.breaker.is_open:
        assert time.monotonic() < ends
        time.sleep(0.02)
    assert cache.get("kept") == 1
    assert cache.get(SESSION) is None, "the copy of a session that was ended meanwhile is believed again"
    assert cache.get("limit") is None


def test_an_absent_server_causes_one_short_wait() -> None:
    cache = _cache(free_port())
    began = time.monotonic()
    for number in range(20):
        cache.set(f"key{number}", number, 10)
    assert [cache.get(f"key{number}") for number in range(20)] == list(range(20))
    assert time.monotonic() - began < 1
    cache._absence.breaker.close()


def test_a_mute_server_delays_a_session_briefly_and_trips_no_other_breaker() -> None:
    waited = []
    for _server in range(3):  # shared machine: the shortest time is that of the code
        with socket.create_server(("127.0.0.1", 0)) as mute:
            sessions = _cache(mute.getsockname()[1], patience=SESSION_PATIENCE)
            limits = _cache(mute.getsockname()[1])
            began = time.monotonic()
            assert sessions.get(SESSION) is None
            waited.append(time.monotonic() - began)
            assert sessions._absence.breaker.is_open
            assert not limits._absence.breaker.is_open
            sessions._absence.breaker.close()
    assert SESSION_PATIENCE <= min(waited) < 0.2


class _Server:
    """A server that records its calls in order, and may be unavailable."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.is_away = False

    def get_client(self, key: object, *, write: bool) -> "_Server":
        self.asked.append((key, write))
        return self

    def ping(self) -> None:
        if self.is_away:
            raise redis.ConnectionError
        self.asked.append("ping")

    def clear(self) -> None:
        self.asked.append("clear")

    def delete_many(self, keys: list[str]) -> None:
        self.asked.append(sorted(keys))


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultTolerantRedisCache]:
    """A cache whose breaker is open."""
    monkeypatch.setattr("intake.web.cache._server_states", {})
    cache = _cache(1)
    monkeypatch.setattr(cache._absence.breaker, "_tripped_in", os.getpid())
    cache._absence.stand_in.clear()
    yield cache
    cache._absence.stand_in.clear()


def test_during_an_absence_sessions_are_missing_and_other_values_local(
    away: FaultTolerantRedisCache,
) -> None:
    assert [
        away.add(SESSION, 1),
        away.get(SESSION),
        away.get(SESSION, "none"),
        away.get(SESSION, default="none"),
        away.has_key(SESSION),
    ] == [False, None, "none", "none", False]
    assert away._absence.owed == {f"intake:1:{SESSION}"}
    away._absence.owed.clear()
    away.set(SESSION, 60, version=2)
    assert [away.touch(SESSION, 60, version=3), away.delete(SESSION, version=4)] == [False, False]
    assert away._absence.owed == {f"intake:{version}:{SESSION}" for version in (2, 3, 4)}
    assert [away.add("limit", 3, 60), away.add("limit", 4, 60), away.get("limit")] == [True, False, 3]
    assert [away.incr("limit"), away.incr("limit", 5), away.has_key("limit")] == [4, 9, True]
    assert [away.get("limit", version=2), away.get("limit", "none", version=2)] == [None, "none"]
    away.set("limit", 7, 60, version=2)
    assert [away.incr("limit", version=2), away.has_key("limit", version=2)] == [8, True]
    assert [away.touch("limit", 60, version=2), away.touch("other", 60), away.get("limit")] == [
        True,
        False,
        9,
    ]
    assert [away.delete("limit", version=2), away.has_key("limit", version=2)] == [True, False]
    away.set("gone", 1, 0)
    assert away.get("gone") is None
    away.touch("limit", 0)
    assert away.get("limit") is None
    with pytest.raises(ValueError, match="limit"):
        away.incr("limit")
    assert len(away._absence.owed) == 3


def test_changed_sessions_are_deleted_before_the_server_is_used_again(
    away: FaultTolerantRedisCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, absence = _Server(), away._absence
    monkeypatch.setattr(away, "_cache", server)
    away.set("limit", 3, 60)
    assert absence._on_recovery() is True
    assert server.asked == [(None, True), "ping"]
    assert not away.has_key("limit")
    for session in ("a", "b"):
        away.delete(f"{KEY_PREFIX}{session}")
    server.is_away, server.asked = True, []
    with pytest.raises(redis.ConnectionError):
        absence._on_recovery()
    assert len(absence.owed) == 2
    server.is_away, server.asked = False, []
    assert absence._on_recovery() is True
    assert server.asked == [(None, True), "ping", [f"intake:1:{KEY_PREFIX}{session}" for session in "ab"]]
    assert absence.owed == set()


def test_too_many_changed_sessions_clear_the_complete_cache(
    away: FaultTolerantRedisCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, absence = _Server(), away._absence
    monkeypatch.setattr(away, "_cache", server)
    monkeypatch.setattr("intake.web.cache.MAX_PENDING_DELETES", 2)
    for session, asked in (("a", "b"), ["intake:1:a", "intake:1:b"]), (("a", "b", "c", "d"), "clear"):
        for each in session:
            absence.add_pending_delete(f"intake:1:{each}")
        assert len(absence.owed) == min(len(session), 3)
        server.asked = []
        absence._on_recovery()
        assert (server.asked[2:], absence.owed) == ([asked], set())


def test_caches_of_one_server_with_one_timeout_share_its_breaker() -> None:
    one, other, patient = _cache(1), _cache(1), _cache(1, patience=3)
    assert one._absence is other._absence
    assert one._absence is not patient._absence
    assert one._absence.come_back == other._apply_pending_deletes
    plain = FaultTolerantRedisCache("redis://127.0.0.1:1/1", {})
    assert plain._absence not in {one._absence, patient._absence}


def test_a_breaker_tripped_in_another_process_is_closed_here() -> None:
    breaker = CircuitBreaker("a server", lambda: True)
    assert not breaker.is_open
    breaker._tripped_in = os.getpid() + 1
    assert not breaker.is_open
    breaker._tripped_in = os.getpid()
    assert breaker.is_open
    breaker.close()
    assert not breaker.is_open


def test_a_breaker_probes_outside_the_requests_until_a_response(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answers = iter([False, None, True])

    def ask() -> bool:
        answer = next(answers)
        if answer is None:
            raise OSError
        return answer

    breaker = CircuitBreaker("the server", ask, every=0.01)
    breaker.trip(OSError("camille@exemple.invalid"))
    breaker.trip(OSError("again"))
    assert breaker.is_open
    [waiting] = [thread for thread in threading.enumerate() if thread.name == "waits for the server"]
    assert waiting.daemon
    waiting.join(5)
    assert not breaker.is_open
    assert list(answers) == []
    told = [record.getMessage() for record in caplog.records if record.name == breakers.__name__]
    assert told == [
        "the server does not answer (OSError); going on without it",
        "the server answers again",
    ]


@pytest.mark.django_db
def test_users_stay_signed_in_and_can_sign_out_without_the_cache(settings: Settings) -> None:
    settings.CACHES = caches(f"redis://127.0.0.1:{free_port()}/1")
    browser = client_of(make_user())
    assert browser.get("/candidatures/").status_code == 200
    again = Client()
    again.cookies = copy(browser.cookies)
    assert again.get("/candidatures/").status_code == 200
    browser.logout()
    assert again.get("/candidatures/").headers["Location"] == "/connexion/?next=/candidatures/"
    _server_states.popitem()[1].breaker.close()


@pytest.mark.django_db
def test_a_sign_in_during_an_absence_is_valid_in_other_processes(
    embedded_servers: Urls, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CACHES = caches(embedded_servers.cache)
    known: Any = RedisCache.set

    def late(cache: RedisCache, key: str, value: object, *args: object, **options: object) -> None:
        if value:  # a new session is empty; the next save writes its user
            raise redis.TimeoutError
        known(cache, key, value, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(RedisCache, "set", late)
        browser = client_of(make_user())
    absence = _server_states[embedded_servers.cache, SESSION_PATIENCE]
    assert absence.breaker.is_open
    absence.breaker.close()  # as in another process, whose breaker is closed
    assert browser.get("/candidatures/").status_code == 200


# -- What is read executes nothing ---------------------------------------------------------------------------------
class Planted:
    """Its unpickling writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.path, "executed")


@pytest.mark.parametrize("serializer", [JsonSerializer(), SealedSerializer()], ids=["sessions", "default"])
def test_a_value_that_a_stranger_puts_in_the_server_is_not_unpickled(
    serializer: JsonSerializer | SealedSerializer, tmp_path: Path
) -> None:
    planted = pickle.dumps(Planted(tmp_path / "made"))
    genuine = SealedSerializer().dumps({"a": 1})
    assert isinstance(genuine, bytes)
    for stored in (planted, b"\0" * 32 + planted, genuine[:32] + planted, b"", b"\x80"):
        with pytest.raises(ValueError):  # noqa: PT011 -- three libraries refuse, each in its words
            serializer.loads(stored)
    assert not (tmp_path / "made").exists()


def test_each_serializer_reads_what_it_wrote(settings: Settings) -> None:
    session = {"_auth_user_id": "7", "kept": {"fields": [["é", "« x »"]]}, "seen_at": 1.5, "none": None}
    assert JsonSerializer().loads(JsonSerializer().dumps(session)) == session
    sealed: Any = SealedSerializer()
    for value in (5, [1.5, 2.5], frozenset({"a"}), True):
        assert sealed.loads(str(value).encode() if type(value) is int else sealed.dumps(value)) == value
    stored = sealed.dumps([1.5])
    settings.SECRET_KEY += "0"
    with pytest.raises(ValueError, match="no process"):
        sealed.loads(stored)


@pytest.mark.servers
def test_a_value_of_another_version_counts_as_absent(embedded_servers: Urls) -> None:
    for name, options in caches(embedded_servers.cache).items():
        cache = FaultTolerantRedisCache(options.pop("LOCATION"), options)
        raw: Any = redis.Redis.from_url(embedded_servers.cache)
        cache.set("value", {"a": [1, "é"]}, 60)
        assert (cache.get("value"), b"pickle" in raw.get(cache.make_key("value"))) == ({"a": [1, "é"]}, False)
        raw.set(cache.make_key("value"), pickle.dumps({"a": 1}))
        assert (cache.get("value"), cache.get("value", [])) == (None, []), name
        assert cache.add("number", 1, 60)
        assert cache.incr("number") == 2
        with pytest.raises(ValueError, match="not found"):
            cache.incr("missing")
        cache.clear()
