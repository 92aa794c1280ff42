"""Requests leave at their instants, and a filing is followed to its receipt through the pages that lead to it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.benchmarks.sending import (
    LATE,
    NO_WAY_ON,
    RECEIPT,
    UNANSWERED,
    WAITING,
    Plan,
    Request,
    send,
)

type Given = tuple[int, dict[str, str], str]
"""Status, headers and body of an answer."""
_RECEIPT = "/depot/1/accuse/"
_ARRIVED: Given = (303, {"Location": "/depot/1/arrivee/"}, "")
_FILED: Given = (302, {"Location": _RECEIPT}, "")
_LEADS_ON = '<html><meta http-equiv="refresh" content="0.05; url=/depot/1/arrivee/">'


class _Portal(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, answers: dict[str, list[Given]], seconds: float, *rest: object) -> None:
        self._answers, self._seconds = answers, seconds
        super().__init__(*rest)  # type: ignore[arg-type]  # -- what the server gives

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        given = self._answers[self.path]
        status, headers, body = given.pop(0) if len(given) > 1 else given[0]
        time.sleep(self._seconds if self.command == "POST" else 0)
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body.encode()))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_GET  # noqa: N815 -- the server's name

    def log_message(self, *_said: object) -> None:
        pass


type Serve = Callable[..., int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[ThreadingHTTPServer] = []

    def start(answers: dict[str, list[Given]], seconds: float = 0) -> int:
        running.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Portal, answers, seconds)))
        threading.Thread(target=running[-1].serve_forever, args=(0.02,), daemon=True).start()
        return running[-1].server_port

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def _plan(port: int, *requests: Request, **more: float) -> Plan:
    return Plan("127.0.0.1", port, time.monotonic(), list(requests), **more)  # type: ignore[arg-type]  # -- by name


def _press(at: float = 0.0) -> Request:
    return Request("file", "/depot/1/", at=at, cookies="s=1; csrftoken=t", body="a=1")


@pytest.mark.parametrize(
    "answers",
    [
        {"/depot/1/": [_FILED], _RECEIPT: [(200, {}, "")]},
        {
            "/depot/1/": [_ARRIVED],
            "/depot/1/arrivee/": [(202, {}, _LEADS_ON), _FILED],
            _RECEIPT: [(200, {}, "")],
        },
        {
            "/depot/1/": [_ARRIVED],
            "/depot/1/arrivee/": [(200, {"Refresh": f"0;url={_RECEIPT}"}, "")],
            _RECEIPT: [(200, {}, "")],
        },
    ],
    ids=["at once", "through a page", "through a header"],
)
def test_a_press_is_followed_to_its_receipt(answers: dict[str, list[Given]], serve: Serve) -> None:
    (sent,) = asyncio.run(send(_plan(serve(answers), _press())))
    assert sent.outcome == RECEIPT
    assert sent.answered is not None
    assert sent.receipt is not None
    assert sent.seen is not None
    assert sent.left <= sent.answered <= sent.receipt <= sent.seen


@pytest.mark.parametrize(
    "answer,outcome", [((409, {}, ""), LATE), ((200, {}, "<html>"), NO_WAY_ON), ((503, {}, ""), "503")]
)
def test_a_press_without_a_receipt_has_another_outcome(answer: Given, outcome: str, serve: Serve) -> None:
    (sent,) = asyncio.run(send(_plan(serve({"/depot/1/": [answer]}), _press())))
    assert (sent.outcome, sent.receipt) == (outcome, None)
    assert sent.answered is not None


def test_a_press_without_an_answer_is_given_up(serve: Serve) -> None:
    (sent,) = asyncio.run(send(_plan(serve({"/depot/1/": [_FILED]}, 1.0), _press(), patience=0.05)))
    assert (sent.outcome, sent.answered) == (UNANSWERED, None)


def test_a_press_whose_page_still_leads_on_is_waiting(serve: Serve) -> None:
    port = serve({"/depot/1/": [_ARRIVED], "/depot/1/arrivee/": [(202, {}, _LEADS_ON)]})
    (sent,) = asyncio.run(send(_plan(port, _press(), patience=0.3)))
    assert (sent.outcome, sent.receipt) == (WAITING, None)
    assert sent.answered is not None


def test_a_slow_answer_does_not_delay_the_next_press(serve: Serve) -> None:
    port = serve({"/depot/1/": [_FILED]}, 0.3)
    sent = asyncio.run(send(_plan(port, *(_press(at) for at in (0.0, 0.05, 0.1)), see=False)))
    assert [one.outcome for one in sent] == [RECEIPT] * 3
    assert all(one.left < 0.15 for one in sent)
    assert all(one.receipt is not None and one.receipt < 0.55 for one in sent)
