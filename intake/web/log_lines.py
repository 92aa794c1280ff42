"""The form of log lines: one JSON object each, for every library and every process, by structlog.

`docs/operations/security-events.md` says what the members are. Without Django: the web server's own log begins before
the settings are read.
"""

import datetime as dt
from typing import Final

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, WrappedLogger

from .request_id import current_request_id

LINE: Final = "line"
"""Attribute of a record that is a line by itself, of the accesses or the security events: a dictionary, whose `log`
says which. Give it as `extra`."""


def json_lines() -> ProcessorFormatter:
    """Return the formatter of production: JSON in ASCII, so that no text can begin a line of its own."""
    return _formatter(structlog.processors.JSONRenderer())


def terminal_lines() -> ProcessorFormatter:
    """Return the formatter of `make run`: text, with traces as Python prints them."""
    return _formatter(structlog.dev.ConsoleRenderer(colors=False, timestamp_key="at", event_key="message"))


def _formatter(renderer: structlog.typing.Processor) -> ProcessorFormatter:
    return ProcessorFormatter(
        foreign_pre_chain=[_members_of, structlog.processors.format_exc_info], processors=[renderer]
    )


def _members_of(_logger: WrappedLogger, level: str, event: EventDict) -> EventDict:
    """Return the members of a record's line. Its other attributes are left out: Django's hold the request."""
    record = event["_record"]
    if line := getattr(record, LINE, None):
        return dict(line)
    members: EventDict = {
        "log": "application",
        "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "logger": record.name,
        "reference": current_request_id(),
        "message": event["event"],
    }
    if record.exc_text:  # redacted already: see `log_redaction`
        members["exception"] = record.exc_text
    elif record.exc_info:
        members["exc_info"] = record.exc_info
    return members
