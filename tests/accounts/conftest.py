"""What the tests of sign-in share."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_rate_counted() -> Iterator[None]:
    """Let each test start with its rates whole."""
    cache.clear()
    yield
    cache.clear()
