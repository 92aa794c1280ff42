"""Two lists timed in turn, on two servers of the test, with the same number of rows or not."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.benchmarks import beside_pretalx


class _List(BaseHTTPRequestHandler):
    def __init__(self, rows: int, seconds: float, *rest: object) -> None:
        self._rows, self._seconds = rows, seconds
        super().__init__(*rest)  # type: ignore[arg-type]  # -- what the server gives

    def do_GET(self) -> None:
        time.sleep(self._seconds)
        signed_in = self.headers["Cookie"] == "s=1"
        self.send_response(200 if signed_in else 302)
        self.end_headers()
        self.wfile.write(b"<tr></tr>" * (self._rows + 1))

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[int, float], str]]:
    running: list[ThreadingHTTPServer] = []

    def start(rows: int, seconds: float) -> str:
        running.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(_List, rows, seconds)))
        threading.Thread(target=running[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{running[-1].server_port}/list?page=1"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def run(ours: str, theirs: str, cookie: str = "s=1") -> int:
    return beside_pretalx.main(["--ours", ours, cookie, "--theirs", theirs, cookie, "--pairs", "5"])


@pytest.mark.full
def test_a_slower_competitor_reaches_the_target_and_a_faster_one_does_not(
    serve: Callable[[int, float], str], capsys: pytest.CaptureFixture[str]
) -> None:
    ours, slower, slow = serve(3, 0.002), serve(3, 0.01), serve(3, 0.2)
    assert run(ours, slow) == beside_pretalx.REACHED
    said = capsys.readouterr().out
    assert "3 rows" in said
    assert "times ours" in said
    assert run(slower, ours) == beside_pretalx.NOT_REACHED


def test_lists_of_other_lengths_or_redirects_to_sign_in_are_not_compared(
    serve: Callable[[int, float], str], capsys: pytest.CaptureFixture[str]
) -> None:
    ours, longer = serve(3, 0), serve(4, 0)
    assert run(ours, longer) == beside_pretalx.BAD_INPUT
    assert "4 rows" in capsys.readouterr().err
    assert run(ours, ours, cookie="s=2") == beside_pretalx.BAD_INPUT
    assert "302" in capsys.readouterr().err
