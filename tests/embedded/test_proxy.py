"""deploy/Caddyfile, with a Caddy of its own: every web server is replaced while people send forms."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
import yaml

from intake.embedded.keeper import free_port
from tests.settings.environment import ROOT

CADDYFILE = ROOT / "deploy" / "Caddyfile"
OLDEST = (2, 11)
"""The first that sends a request's body again, whole, after a connection that was refused."""
SIZES = (200, 30_000, 300_000)  # bytes: a form, a large one, a document
CLIENTS = 4
APPLICATION = """
import os, time

def application(environ, start_response):
    read = len(environ["wsgi.input"].read())
    with open(os.environ["SERVED"], "a") as served:
        served.write(environ["PATH_INFO"] + "\\n")
    time.sleep(0.3)  # what stops waits for requests under way, and others come meanwhile
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(read).encode()]
"""


def caddy() -> str:
    """Return the Caddy that `scripts/setup --tests` installs, or the machine's."""
    installed = ROOT / "build" / "caddy" / "bin" / "caddy"
    found = str(installed) if installed.exists() else shutil.which("caddy")
    if found is None:
        pytest.skip("no Caddy here: sh scripts/setup --tests")
    said = subprocess.run([found, "version"], check=True, capture_output=True, text=True).stdout
    version = re.match(r"v?(\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        pytest.skip(f"Caddy {said.strip()} is too old: sh scripts/setup --tests")
    return found


def adapted(program: str, site: str) -> dict[str, Any]:
    """Return the shipped configuration as JSON, for another address of the site."""
    answer = subprocess.run(
        [program, "adapt", "--adapter", "caddyfile", "--config", str(CADDYFILE)],
        env=os.environ | {"SITE_ADDRESS": site},
        check=True,
        capture_output=True,
        text=True,
    )
    configuration: dict[str, Any] = json.loads(answer.stdout)
    return configuration


def proxies(part: Any) -> Iterator[dict[str, Any]]:
    """Return every reverse proxy of a configuration."""
    if isinstance(part, dict):
        if part.get("handler") == "reverse_proxy":
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from proxies(one)


@contextmanager
def running(command: list[str], **variables: str) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        command, env=os.environ | variables, cwd=ROOT, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    give_up_at = time.monotonic() + 60
    while not answers(port):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def post(port: int, path: str, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def answers(port: int) -> bool:
    try:
        return post(port, "/up", b"")[0] == 200
    except OSError:
        return False


class Senders:
    """People who send forms of several sizes through the proxy until told to stop, each under a number of its own."""

    def __init__(self, port: int) -> None:
        self.sent: dict[str, bytes] = {}
        self.wrong: list[tuple[str, int, bytes]] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(port, n)) for n in range(CLIENTS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, port: int, client: int) -> None:
        turn = 0
        while not self._stop.is_set():
            turn += 1
            size = SIZES[turn % len(SIZES)]
            path = f"/{client}/{turn}"
            self.sent[path] = b"x" * size
            status, said = post(port, path, self.sent[path])
            if (status, said) != (200, str(size).encode()):
                self.wrong.append((path, status, said))
            time.sleep(0.01)


def test_replacing_every_web_server_loses_no_post_and_sends_none_twice(tmp_path: Path) -> None:
    program = caddy()
    (tmp_path / "tried.py").write_text(APPLICATION)
    served = tmp_path / "served"
    served.touch()
    front, *ports = (free_port() for _ in range(3))
    configuration = adapted(program, f"http://127.0.0.1:{front}") | {"admin": {"disabled": True}}
    [proxy] = proxies(configuration)
    assert proxy.pop("dynamic_upstreams")["name"] == "web"
    proxy["upstreams"] = [{"dial": f"127.0.0.1:{port}"} for port in ports]
    (tmp_path / "caddy.json").write_text(json.dumps(configuration))

    def web(port: int) -> list[str]:
        command = [str(Path(sys.executable).with_name("gunicorn")), "--bind", f"127.0.0.1:{port}"]
        return [*command, "--pythonpath", str(tmp_path), "tried:application"]

    with ExitStack() as stack:
        variables = {"SERVED": str(served), "WEB_CONCURRENCY": "1", "HOME": str(tmp_path)}
        servers = {port: stack.enter_context(running(web(port), **variables)) for port in ports}
        stack.enter_context(running([program, "run", "--config", str(tmp_path / "caddy.json")], **variables))
        for port in (*ports, front):
            wait_for(port)
        served.write_text("")
        with Senders(front) as senders:
            for port, server in servers.items():
                time.sleep(0.5)
                server.send_signal(signal.SIGTERM)
                server.wait()
                time.sleep(1)
                stack.enter_context(running(web(port), **variables))
                wait_for(port)
    counted = Counter(path for path in served.read_text().split() if path != "/up")
    assert senders.wrong == []
    assert counted == dict.fromkeys(senders.sent, 1)
    assert len(senders.sent) > 30


def test_the_image_is_of_a_version_that_sends_a_body_again_whole() -> None:
    image = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["proxy"]["image"]
    name, _colon, tag = image.partition(":")
    assert name == "caddy"
    assert tuple(map(int, tag.split("."))) >= OLDEST


def test_what_was_sent_is_never_sent_again_but_for_reading() -> None:
    """Without a match of its own Caddy sends again GET alone; a match that lets POST through would file twice."""
    assert "lb_retry_match" not in CADDYFILE.read_text()
