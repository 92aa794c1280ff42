"""Fixtures for the tests of sign-in."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_rate_counted() -> Iterator[None]:
    """Reset all rate limits before a test."""
    cache.clear()
    yield
    cache.clear()
