"""An empty session is stored in the database only; a session that ended is not stored again."""

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as InTheDatabase
from django.core.cache import caches
from pytest_django import Settings

from intake.web.sessions import SessionStore

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
