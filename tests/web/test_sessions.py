"""Where a session is stored, and when it ends."""

from types import SimpleNamespace

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as InTheDatabase
from django.core.cache import caches
from pytest_django import Settings

from intake.web.sessions import SessionStore, start_limits

pytestmark = pytest.mark.django_db


def test_a_session_is_cached_once_it_has_data(settings: Settings) -> None:
    cache = caches[settings.SESSION_CACHE_ALIAS]
    session = SessionStore()
    session.create()
    assert session.session_key
    assert InTheDatabase().exists(session.session_key)
    assert cache.get(session.cache_key) is None
    session["person"] = "1"
    session.save()
    assert cache.get(session.cache_key) == {"person": "1"}
    assert SessionStore(session.session_key)["person"] == "1"


def test_a_session_that_ended_meanwhile_is_not_stored_again() -> None:
    session = SessionStore()
    session.create()
    assert session.session_key
    SessionStore(session.session_key).delete()
    session["person"] = "1"
    with pytest.raises(UpdateError):
        session.save()
    assert not InTheDatabase().exists(session.session_key)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock of the sessions that a test moves, in seconds."""
    clock = SimpleNamespace(at=1_900_000_000)
    monkeypatch.setattr("intake.web.sessions.time", SimpleNamespace(time=lambda: clock.at + 0.9))
    return clock


def opened() -> str:
    """Open a signed-in session; return its key."""
    session = SessionStore()
    session["person"] = "1"
    start_limits(session)
    session.save()
    assert session.session_key
    return session.session_key


@pytest.mark.parametrize("idle, kept", [(0, True), (7199, True), (7200, False), (9999, False)])
def test_a_session_ends_two_hours_after_its_last_request(
    now: SimpleNamespace, idle: int, *, kept: bool
) -> None:
    key = opened()
    now.at += idle
    session = SessionStore(key)
    assert ("person" in session) is kept
    assert (session.session_key == key) is kept
    assert session.is_empty() is not kept


def test_a_session_in_use_ends_eight_hours_after_its_sign_in(
    now: SimpleNamespace, settings: Settings
) -> None:
    key = opened()
    for _request in range(8 * 6 - 1):
        now.at += 600
        session = SessionStore(key)
        assert session["person"] == "1"
        assert session.modified
        session.save()
    now.at += 599
    assert SessionStore(key)["person"] == "1"
    now.at += 1
    assert "person" not in SessionStore(key)
    assert settings.SESSION_COOKIE_AGE == 8 * 3600


def test_a_request_within_ten_minutes_of_another_writes_nothing(now: SimpleNamespace) -> None:
    key = opened()
    now.at += 599
    session = SessionStore(key)
    assert session["person"] == "1"
    assert not session.modified


def test_a_session_of_a_visitor_has_no_limit_of_its_own() -> None:
    session = SessionStore()
    session["person"] = "1"
    session.save()
    assert SessionStore(session.session_key)["person"] == "1"
