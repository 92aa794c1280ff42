"""In which order the workers of a run take the files of tests: the longest first, so that all end together.

`pytest-django` puts the tests without a database last, of which the longest are: people at browsers, portals killed.
"""

from collections.abc import Sequence

import pytest

LONGEST_FILES = (
    "tests/faults/test_kills.py",  # waits much, so beside it another worker starts the portal of the journeys
    "tests/journeys/test_pages_axe.py",
    "tests/journeys/test_ways_to_apply.py",
    "tests/journeys/test_three_people.py",
    "tests/journeys/",
    "tests/embedded/",
    "tests/faults/",
    "tests/outbox/",
    "tests/benchmarks/",
    "tests/operations/",
    "tests/documents/",
    "tests/dossiers/",
    "tests/house/",
)
"""Beginnings of paths. What none of them names comes last, file by file as it was."""


def rank(path: str) -> int:
    """Return the place of a file among the longest; the last, which many share, if it is none of them."""
    return next(
        (place for place, start in enumerate(LONGEST_FILES) if path.startswith(start)), len(LONGEST_FILES)
    )


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return tests in the order in which their files are to be taken; within one, as they were."""
    return sorted(items, key=lambda item: rank(item.nodeid))
