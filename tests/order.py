"""Order of the test files for the workers of a run: the longest first, so that all workers end together.

`pytest-django` puts tests without a database last, and these include the longest: browsers, killed portals.
"""

from collections.abc import Sequence

import pytest

LONGEST_FILES = (
    "tests/faults/test_kills.py",
    "tests/journeys/test_pages_axe.py",  # starts the portal of the journeys
    "tests/house/test_crawl.py",  # needs no portal: its worker does not wait for the start
    "tests/house/test_other_peoples_data.py",
    "tests/journeys/test_three_people.py",
    "tests/journeys/test_ways_to_apply.py",
    "tests/journeys/",
    "tests/devtools/embedded/",
    "tests/faults/",
    "tests/outbox/",
    "tests/benchmarks/",
    "tests/devtools/",
    "tests/operations/",
    "tests/documents/",
    "tests/dossiers/",
    "tests/house/",
)
"""Prefixes of paths. Other files come last, in their own order."""


def rank(path: str) -> int:
    """Return the position of a file in `LONGEST_FILES`; the last position, shared, if it is not there."""
    return next(
        (place for place, start in enumerate(LONGEST_FILES) if path.startswith(start)), len(LONGEST_FILES)
    )


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return tests in the order of their files; the tests of one file keep their order."""
    return sorted(items, key=lambda item: rank(item.nodeid))
