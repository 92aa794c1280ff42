"""Fixtures for the tests of sign-in."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone


@pytest.fixture(autouse=True)
def no_rate_counted() -> Iterator[None]:
    """Reset all rate limits before a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A clock that a test moves forward."""

    class Clock:
        ahead = dt.timedelta(0)

    now = timezone.now
    monkeypatch.setattr("intake.accounts.views.timezone.now", lambda: now() + Clock.ahead)
    yield Clock  # noqa: PT022 -- monkeypatch undoes after the test, not before
