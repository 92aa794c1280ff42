"""Mark of the tests that drive a browser or start servers: `make test-fast` leaves them out.

Tests that use a fixture that starts one are marked here; others have the mark in their file. A test without the mark
fails when it starts a server, so that none is missed.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BROWSER, SERVERS = "browser", "servers"
MARKED_BY_FIXTURE = {
    "browser": BROWSER,
    **dict.fromkeys(("catcher", "data_dir", "own_broker", "portal", "served", "sweeper", "workers"), SERVERS),
}
_PROGRAMS = frozenset(
    {
        "celery",
        "chromium",
        "clamd",
        "gunicorn",
        "nanio",
        "pgbouncer",
        "postgres",
        "redis-server",
        "sweep_outbox",
        "valkey-server",
    }
)
_MODULES = ("intake.devtools.embedded.", "tests.faults.")


class ServerStarted(Exception):
    """A test without the mark starts a server."""


_allowed = [True]


def mark(items: Iterable[pytest.Item]) -> None:
    """Mark the tests that use a fixture that starts a browser or servers."""
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if name in MARKED_BY_FIXTURE:
                item.add_marker(MARKED_BY_FIXTURE[name])


def is_marked(item: pytest.Item) -> bool:
    """True if a test may start servers."""
    return any(item.get_closest_marker(name) for name in (BROWSER, SERVERS))


@contextmanager
def started_only_if(*, allowed: bool) -> Iterator[None]:
    """Allow or forbid the start of servers for the duration of a block."""
    before, _allowed[0] = _allowed[0], allowed
    try:
        yield
    finally:
        _allowed[0] = before


def refuse_unmarked() -> None:
    """Raise when a server is started outside `started_only_if`. Permanent: an audit hook."""
    sys.addaudithook(_judge_event)


def _judge_event(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "subprocess.Popen" or _allowed[0]:
        return
    command = arguments[1]
    words = [os.fsdecode(word) for word in ([command] if isinstance(command, (str, bytes)) else command)]
    if starts_servers(words):
        message = f"{' '.join(words[:6])}: a test that starts servers is marked {SERVERS!r}"
        raise ServerStarted(message)


def starts_servers(command: Sequence[str]) -> bool:
    """True if a command starts a server, a process of the portal or a fault run."""
    if "--version" in command:
        return False
    return any(Path(word).name in _PROGRAMS or word.startswith(_MODULES) for word in command)
