"""Mark of the slowest tests: `make test-fast` leaves them out.

`slow.txt` lists each test that took, with all its parameters, more than `MAX_SECONDS` of a worker of `make test` on
two cores. Tests with browsers and servers, which are left out anyway, are not in it. `SLOW=rewrite make test`
rewrites it.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.servers import BROWSER, SERVERS

MAX_SECONDS: Final = 0.5
NAMES: Final = Path(__file__).with_suffix(".txt")


@cache
def read_names() -> frozenset[str]:
    """Return the names of the list, without parameters."""
    return frozenset(NAMES.read_text().split())


def mark(items: Iterable[pytest.Item]) -> None:
    """Mark the tests of the list."""
    names = read_names()
    for item in items:
        if name_of(item.nodeid) in names:
            item.add_marker("slow")


def name_of(node: str) -> str:
    """Return the name of a test without its parameters."""
    return node.partition("[")[0]


def longest(reports: Iterable[tuple[str, float]]) -> list[str]:
    """Return the sorted names of tests that took more than `MAX_SECONDS`; `reports` are seconds by test and phase."""
    seconds: dict[str, float] = defaultdict(float)
    for node, spent in reports:
        seconds[name_of(node)] += spent
    return sorted(name for name, spent in seconds.items() if spent > MAX_SECONDS)


def rewrite_if_asked(stats: Mapping[str, Sequence[object]]) -> None:
    """Rewrite the list from the reports of the run, if `SLOW=rewrite` is set."""
    if os.environ.get("SLOW") == "rewrite":
        reports = [one for group in stats.values() for one in group if isinstance(one, pytest.TestReport)]
        spent = (
            (one.nodeid, one.duration) for one in reports if not {BROWSER, SERVERS} & one.keywords.keys()
        )
        NAMES.write_text("\n".join(longest(spent)) + "\n")
