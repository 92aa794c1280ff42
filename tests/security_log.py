"""Reads the security log of a test as its collector does: one JSON object a line."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any, override

import pytest

from intake.web import security_events
from intake.web.log_lines import json_lines


class SecurityLog(logging.Handler):
    """The lines of `intake.security`. `others`: what the portal writes beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(json_lines())
        self.others = logging.StreamHandler(StringIO())

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return the events, oldest first."""
        return [json.loads(line) for line in self.lines]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Return the kind and reason of each event, oldest first."""
        return [(event["kind"], event["reason"]) for event in self.events]

    @property
    def last(self) -> dict[str, Any]:
        """Return the latest event."""
        return self.events[-1]


def forget() -> None:
    """Forget the events that were counted and not written."""
    security_events._budget._held.clear()


def begin_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a minute of which no earlier test has used up the lines, and none left events to count."""
    monkeypatch.setattr(security_events, "_budget", security_events._Budget())


@contextmanager
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecurityLog]:
    """Read the events within a `with` block, in a minute of their own."""
    begin_minute(monkeypatch)
    log = SecurityLog()
    logger, root = logging.getLogger("intake.security"), logging.getLogger()
    logger.addHandler(log)
    root.addHandler(log.others)
    yield log
    root.removeHandler(log.others)
    logger.removeHandler(log)
