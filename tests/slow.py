"""Which tests cost the most: `make test-fast` leaves them out.

`slow.txt` names each test that took, with all its parameters, longer than `MOST_SECONDS` of a worker of `make test` on
two cores. Those of browsers and servers, left out anyway, are not in it. `SLOW=rewrite make test` writes it anew.
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
    """Return the names, without parameters."""
    return frozenset(NAMES.read_text().split())


def mark(items: Iterable[pytest.Item]) -> None:
    """Mark the tests of the list."""
    names = read_names()
    for item in items:
        if name_of(item.nodeid) in names:
            item.add_marker("slow")


def name_of(node: str) -> str:
    """Return what a test is called, its parameters aside."""
    return node.partition("[")[0]


def longest(reports: Iterable[tuple[str, float]]) -> list[str]:
    """Return the names of those that took longer than `MOST_SECONDS` in all, sorted; of seconds by test and phase."""
    seconds: dict[str, float] = defaultdict(float)
    for node, spent in reports:
        seconds[name_of(node)] += spent
    return sorted(name for name, spent in seconds.items() if spent > MAX_SECONDS)


def rewrite_if_asked(stats: Mapping[str, Sequence[object]]) -> None:
    """Write the list anew from the reports of the run that ends, where `SLOW=rewrite` asks for it."""
    if os.environ.get("SLOW") == "rewrite":
        reports = [one for group in stats.values() for one in group if isinstance(one, pytest.TestReport)]
        spent = (
            (one.nodeid, one.duration) for one in reports if not {BROWSER, SERVERS} & one.keywords.keys()
        )
        NAMES.write_text("\n".join(longest(spent)) + "\n")
