"""What is logged of a database error: the name of its constraint, never the row, which holds answers.

PostgreSQL's texts about a row (`DETAIL: Failing row contains (…)`), and a value that it could not parse, are replaced
when the record is created, before any handler or formatter reads it, whatever the logging configuration.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import psycopg
from django.db import Error, InterfaceError, OperationalError

_DATABASE = (Error, psycopg.Error)
_OF_A_CONNECTION = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


def install_log_redaction() -> None:
    """Redact every log record of this process, and what Python prints of an uncaught exception."""
    if logging.getLogRecordFactory() is not _RedactedRecord:
        logging.setLogRecordFactory(_RedactedRecord)
        sys.excepthook = _print_uncaught


def describe_database_error(error: BaseException) -> str:
    """Return what may be logged of a database error: SQLSTATE, constraint and table, or a message without any row."""
    origin = error if isinstance(error, psycopg.Error) else error.__cause__
    if not isinstance(origin, psycopg.Error) or origin.sqlstate is None:
        return str(error) if isinstance(error, _OF_A_CONNECTION) else "(what it says may quote a row)"
    named = (("constraint", origin.diag.constraint_name), ("table", origin.diag.table_name))
    return ", ".join([f"SQLSTATE {origin.sqlstate}", *(f"{what} {name}" for what, name in named if name)])


class _RedactedRecord(logging.LogRecord):
    """A log record that quotes no row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.args.values() if isinstance(self.args, Mapping) else self.args or ()
        errors = [
            error
            for value in (self.exc_info and self.exc_info[1], *given)
            for error in _database_errors(value)
        ]
        if not errors:
            return
        self.msg, self.args = _redact(self.getMessage(), errors), None
        if self.exc_info:
            # Formatters print exc_text if it is set, and generate it otherwise.
            self.exc_text = _redact("".join(traceback.format_exception(*self.exc_info)), errors).rstrip()


def _database_errors(raised: object) -> Iterator[BaseException]:
    """Yield the database errors among an exception, its causes and contexts, and the members of its groups."""
    waiting, seen = [raised], set[int]()
    while waiting:
        error = waiting.pop()
        if not isinstance(error, BaseException) or id(error) in seen:
            continue
        seen.add(id(error))
        if isinstance(error, _DATABASE):
            yield error
        waiting += [error.__cause__, error.__context__]
        if isinstance(error, BaseExceptionGroup):
            waiting += error.exceptions


def _redact(text: str, errors: list[BaseException]) -> str:
    for error in errors:
        short, message = describe_database_error(error), str(error)
        if message and message != short:
            # The message may span lines; in an exception group each line has a margin.
            text = short.join(re.split(r"\n[ |]*".join(map(re.escape, message.split("\n"))), text))
            text = text.replace(repr(error), f"{type(error).__name__}({short})").replace(repr(message), short)
    return text


def _print_uncaught(sort: type[BaseException], raised: BaseException, trace: TracebackType | None) -> None:
    errors = list(_database_errors(raised))
    if not errors:
        sys.__excepthook__(sort, raised, trace)
        return
    sys.stderr.write(_redact("".join(traceback.format_exception(sort, raised, trace)), errors))
