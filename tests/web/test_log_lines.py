"""A log line: one JSON object, in UTC, with the reference of its request, and nothing that a record has beside it."""

import datetime as dt
import json
import logging
import logging.config
import time
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.test import RequestFactory

from intake.web.log_lines import json_lines, terminal_lines
from intake.web.request_id import use_request_id


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(json_lines().format(record))
    return line


def traced(raised: BaseException) -> logging.LogRecord:
    """Return the record of `raised`, with its trace."""
    given = (type(raised), raised, None)
    return logging.getLogger("intake.essai").makeRecord(
        "intake.essai", logging.ERROR, "", 0, "it failed", (), given
    )


@pytest.mark.parametrize("zone", ["America/Toronto", "Asia/Kolkata"])
def test_the_time_of_a_line_is_utc_with_its_offset(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = dt.datetime(2027, 1, 15, 8, 0, 0, 250_000, tzinfo=dt.UTC)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert line_of(logging.makeLogRecord({"created": at.timestamp()}))["at"] == (
            "2027-01-15T08:00:00.250+00:00"
        )
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_line_has_the_reference_of_its_request_and_no_line_break() -> None:
    record = logging.getLogger("intake.essai").makeRecord(
        "intake.essai", logging.WARNING, "", 0, "%s\n{}", ("a\r\nb\u2028c",), None
    )
    with use_request_id("7QX4-0K2M-93TD"):
        text = json_lines().format(record)
    assert text.isascii()
    assert len(text.splitlines()) == 1
    line = json.loads(text)
    del line["at"]
    assert line == {
        "log": "application",
        "level": "warning",
        "logger": "intake.essai",
        "reference": "7QX4-0K2M-93TD",
        "message": "a\r\nb\u2028c\n{}",
    }
    assert line_of(record)["reference"] == "-"


def test_the_request_of_a_record_is_not_in_its_line() -> None:
    record = logging.makeLogRecord({"msg": "it failed", "request": RequestFactory().get("/mathilde/")})
    assert "mathilde" not in json_lines().format(record)


def test_a_trace_is_a_member_of_the_line_without_the_row_that_it_quotes() -> None:
    assert line_of(traced(ValueError("no")))["exception"] == "ValueError: no"
    refused = psycopg.errors.CheckViolation("refused\nDETAIL:  Failing row contains (Tremblay)")
    for formatter in (json_lines(), terminal_lines()):
        text = formatter.format(traced(refused))
        assert "SQLSTATE 23514" in text
        assert "Tremblay" not in text


def test_every_handler_of_the_settings_writes_json() -> None:
    """The configuration itself, applied to a logger of this test alone."""
    stream = StringIO()
    declared = settings.LOGGING
    for name in ("console", "security"):
        formatter = declared["formatters"][declared["handlers"][name]["formatter"]]
        configurator: Any = logging.config.DictConfigurator({})
        handler = logging.StreamHandler(stream)
        handler.setFormatter(configurator.configure_formatter(dict(formatter)))
        handler.handle(logging.makeLogRecord({"msg": "one"}))
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["one", "one"]
