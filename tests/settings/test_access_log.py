"""The access log: one JSON line an answer, with the route and the network, and nothing that a path may hold."""

import datetime as dt
import json
import runpy
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from gunicorn.config import Config
from pytest_django import Settings

from intake.web.request_id import HEADER
from intake.web_worker import AccessLogger
from tests.security_log import SecurityLog
from tests.settings.environment import ROOT

TOKEN = "eyJzZWNyZXQiOiJtYXRoaWxkZUBleGVtcGxlLmNhIn0:abc"  # noqa: S105 -- of nobody


@pytest.fixture
def logger() -> Iterator[Any]:
    """The web server's logger with its configuration, and the lines that it writes."""
    given = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    configuration = Config()
    configuration.set("accesslog", given["accesslog"])
    configuration.set("logger_class", given["logger_class"])
    made = configuration.logger_class(configuration)
    assert isinstance(made, AccessLogger)
    written = SecurityLog()
    loggers = (made.access_log, made.error_log)
    kept = [list(each.handlers) for each in loggers]
    for each in loggers:
        each.handlers = [written]
    yield SimpleNamespace(logs=made, lines=written.lines)
    for each, handlers in zip(loggers, kept, strict=True):
        each.handlers = handlers


def logged(logger: Any, environ: dict[str, Any], status: int = 200, **headers: str) -> dict[str, Any]:
    response = SimpleNamespace(status=f"{status} Said", sent=1234, headers=list(headers.items()))
    request = SimpleNamespace(method="GET")
    logger.logs.access(response, request, environ, dt.timedelta(milliseconds=37, microseconds=900))
    line: dict[str, Any] = json.loads(logger.lines[-1])
    return line


@pytest.mark.django_db
def test_an_answer_is_logged_with_its_route_and_network_and_without_its_path(
    logger: Any, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    answer = Client(
        headers={"X-Forwarded-For": "203.0.113.77", "Referer": "https://exemple.ca/?q=mathilde"}
    ).get(f"/connexion/courriel/{TOKEN}/?nom=mathilde")
    line = logged(logger, answer.wsgi_request.META, 410, **{HEADER: answer.headers[HEADER]})
    assert dt.datetime.fromisoformat(line.pop("at")).utcoffset() == dt.timedelta(0)
    assert line == {
        "log": "access",
        "method": "GET",
        "route": "accounts:sign_in_mailed",
        "status": 410,
        "bytes": 1234,
        "milliseconds": 37,
        "network": "203.0.113.0/24",
        "reference": answer.headers[HEADER],
    }
    for part in (TOKEN, "mathilde", "203.0.113.77", "exemple"):
        assert part not in logger.lines[-1]


@pytest.mark.django_db
def test_an_address_without_a_route_is_not_in_the_log(logger: Any) -> None:
    answer = Client().get("/mathilde@exemple.ca/")
    line = logged(logger, answer.wsgi_request.META, 404)
    assert (line["route"], line["status"], line["reference"]) == ("-", 404, None)
    assert "mathilde" not in logger.lines[-1]


def test_an_answer_that_no_page_gave_has_a_line_too(logger: Any) -> None:
    line = logged(logger, {"PATH_INFO": "/static/css/portal.css"})
    assert (line["method"], line["route"], line["network"]) == ("GET", "-", None)


def test_an_error_of_the_server_is_logged_without_the_address_of_its_request(logger: Any) -> None:
    said = logger.logs.exception
    said("Error handling request %s", f"/connexion/courriel/{TOKEN}/")
    said("Error handling request %s %s", "GET", f"/connexion/courriel/{TOKEN}/")
    said("Worker %s failed", "7")
    messages = [json.loads(line)["message"] for line in logger.lines]
    assert messages == ["Error handling request", "Error handling request", "Worker 7 failed"]


def test_no_line_is_written_when_the_log_is_turned_off(logger: Any) -> None:
    logger.logs.cfg.set("accesslog", None)
    logger.logs._access_log_enabled = False
    logger.logs.access(None, None, {}, dt.timedelta(0))
    assert logger.lines == []


def test_the_proxy_writes_neither_the_addresses_of_pages_nor_those_of_visitors() -> None:
    text = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    for rule in ("request>uri delete", "request>headers delete", "request>remote_ip ip_mask {"):
        assert rule in text
