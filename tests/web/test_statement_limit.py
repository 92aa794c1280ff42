"""A statement of a page is ended after a while; those of presses, of responses under way and of workers are not."""

from collections.abc import Iterator
from time import perf_counter

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path, resolve, reverse

from intake.web import statement_limit
from intake.web.statement_limit import StatementWatch, without_statement_limit
from tests.web import sample

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.test_statement_limit")]
LIMIT = 0.4
LONG = 0.9
"""Seconds that an unlimited statement takes here."""


def _sleep(seconds: float) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


def page(_request: HttpRequest) -> HttpResponse:
    _sleep(60)
    return HttpResponse("ok")


@without_statement_limit
def press(_request: HttpRequest) -> HttpResponse:
    _sleep(LONG)
    return HttpResponse("ok")


def many(_request: HttpRequest) -> HttpResponse:
    for _statement in range(8):
        _sleep(LIMIT / 4)
    return HttpResponse("ok")


def export(_request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[bytes]:
        _sleep(LONG)
        yield b"ok"

    return StreamingHttpResponse(lines())


urlpatterns = [
    path("page/", page),
    path("press/", press),
    path("many/", many),
    path("export/", export),
    *sample.urlpatterns,
]


@pytest.fixture(scope="module")
def started() -> StatementWatch:
    """A watch that ends statements soon. Its thread sleeps until the end of the run."""
    watch = StatementWatch(LIMIT, every=0.1)
    watch.start()
    return watch


@pytest.fixture
def limited(started: StatementWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process limit statements as a web server does."""
    monkeypatch.setattr(statement_limit, "watch", started)


@pytest.mark.usefixtures("limited")
def test_a_page_that_takes_too_long_is_given_up_with_a_reference(client: Client) -> None:
    began = perf_counter()
    answer = client.get("/page/")
    assert perf_counter() - began < 20
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    text = answer.content.decode()
    assert "Cette page demande trop de temps" in text
    assert answer.headers["X-Request-Reference"] in text
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the connection serves the next page


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("address", ["/press/", "/many/", "/export/"])
def test_a_press_short_statements_and_a_sent_response_take_their_time(client: Client, address: str) -> None:
    answer = client.get(address)
    text = b"".join(answer) if answer.streaming else answer.content
    assert (answer.status_code, text) == (200, b"ok")


def test_only_a_web_server_starts_the_watch() -> None:
    assert not statement_limit.watch.is_started, "workers, commands and these tests do not"


@pytest.mark.urls("intake.urls")
def test_the_request_to_file_has_no_limit() -> None:
    found = resolve(reverse("submissions:file", args=["00000000-0000-4000-8000-000000000000"]))
    assert getattr(found.func, "has_no_statement_limit", False)
