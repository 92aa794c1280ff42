"""deploy/Caddyfile, with a Caddy of the tests: every web server is replaced while users send forms."""

import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import psutil
import pytest
import yaml

from intake.devtools.embedded.keeper import free_port
from tests.settings.environment import ROOT

pytestmark = pytest.mark.servers

CADDYFILE = ROOT / "deploy" / "Caddyfile"
VARIABLES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["proxy"]["environment"]
OLDEST = (2, 11, 7)
"""2.11 sends a request's full body again after a refused connection; then came `write_idle`."""
SIZES = (200, 30_000, 300_000)  # bytes: a form, a large one, a document
CLIENTS = 4
APPLICATION = """
import os, time

def application(environ, start_response):
    read = len(environ["wsgi.input"].read())
    with open(os.environ["SERVED"], "a") as served:
        served.write(environ["PATH_INFO"] + "\\n")
    # What stops waits for requests under way, and others come meanwhile.
    time.sleep(6 if environ["PATH_INFO"] == "/slow" else 0.3)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(read).encode()]
"""


def caddy() -> str:
    """Return the Caddy that `scripts/setup --tests` installed, or the machine's."""
    installed = ROOT / "build" / "caddy" / "bin" / "caddy"
    found = str(installed) if installed.exists() else shutil.which("caddy")
    if found is None:
        pytest.skip("no Caddy here: sh scripts/setup --tests")
    said = subprocess.run([found, "version"], check=True, capture_output=True, text=True).stdout
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", said)
    if version is None or tuple(map(int, version.groups())) < OLDEST:
        pytest.skip(f"Caddy {said.strip()} is too old: sh scripts/setup --tests")
    return found


def adapted(program: str, site: str, **variables: str) -> dict[str, Any]:
    """Return the shipped configuration as JSON, for another address of the site."""
    answer = subprocess.run(
        [program, "adapt", "--adapter", "caddyfile", "--config", str(CADDYFILE)],
        env=os.environ
        | {"SITE_ADDRESS": site, "WEB": VARIABLES["WEB"], "ERROR_PAGES": str(CADDYFILE.parent)}
        | variables,
        check=True,
        capture_output=True,
        text=True,
    )
    configuration: dict[str, Any] = json.loads(answer.stdout)
    return configuration


def site_of(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return the one server of a configuration."""
    [site] = configuration["apps"]["http"]["servers"].values()
    return dict(site)


def without_tls(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration over http: tests of requests need no certificate."""
    [name] = configuration["apps"]["http"]["servers"]
    plain = site_of(configuration) | {"automatic_https": {"disable": True}}
    del plain["tls_connection_policies"]
    configuration["apps"]["http"]["servers"][name] = plain
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


def wait_for(port: int, *, answering: bool = True) -> None:
    give_up_at = time.monotonic() + 60
    while not responds(port, answering=answering):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def post(port: int, path: str, body: bytes, *, timeout: float = 60) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def responds(port: int, *, answering: bool = True) -> bool:
    try:
        return (post(port, "/up", b"")[0] == 200) is answering
    except OSError:
        return False


class Senders:
    """Users who send forms of several sizes through the proxy until stopped, each with its own number."""

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


def web(port: int, folder: Path) -> list[str]:
    """Return the command of a web server that serves APPLICATION as the portal's server would."""
    (folder / "tried.py").write_text(APPLICATION)
    command = [str(Path(sys.executable).with_name("gunicorn")), "--bind", f"127.0.0.1:{port}"]
    return [*command, "--pythonpath", str(folder), "tried:application"]


def test_a_stopping_web_server_answers_open_connections_and_refuses_new_ones(tmp_path: Path) -> None:
    port = free_port()
    variables = {"SERVED": str(tmp_path / "served"), "WEB_CONCURRENCY": "1"}
    with running(web(port, tmp_path), **variables) as server, ExitStack() as opened:
        wait_for(port)
        (worker,) = psutil.Process(server.pid).children()
        worker.suspend()  # like a process that has not begun to accept connections
        waiting = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(6)]
        for connection in waiting:
            opened.callback(connection.close)
            connection.request("POST", "/waiting", b"x")
        server.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        worker.resume()
        assert [connection.getresponse().status for connection in waiting] == [200] * len(waiting)
        with pytest.raises(ConnectionRefusedError):
            post(port, "/late", b"x")


@contextmanager
def proxied(
    folder: Path, ports: list[int], *, patience: float | None = None, answering: bool = True
) -> Iterator[int]:
    """Run Caddy with the shipped file before web servers of these ports, running or not; yield its port.

    :param patience: seconds that it waits for a client, instead of those of the file.
    :param answering: whether a web server answers, and is waited for.
    """
    program, front = caddy(), free_port()
    configuration = without_tls(adapted(program, f"127.0.0.1:{front}")) | {"admin": {"disabled": True}}
    if patience is not None:
        [site] = configuration["apps"]["http"]["servers"].values()
        for name in ("read_header_timeout", "write_idle_timeout"):
            assert site[name] > patience * 1e9
            site[name] = int(patience * 1e9)
    [proxy] = proxies(configuration)
    assert proxy.pop("dynamic_upstreams")["name"] == "web"
    proxy["upstreams"] = [{"dial": f"127.0.0.1:{port}"} for port in ports]
    (folder / "caddy.json").write_text(json.dumps(configuration))
    with running([program, "run", "--config", str(folder / "caddy.json")], HOME=str(folder)):
        wait_for(front, answering=answering)
        yield front


def test_the_proxy_has_a_page_of_its_own_when_no_web_server_answers(tmp_path: Path) -> None:
    with proxied(tmp_path, [free_port()], answering=False) as front:
        connection = http.client.HTTPConnection("127.0.0.1", front, timeout=60)
        connection.request("GET", "/offres/")
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
    assert (answer.status, answer.getheader("Retry-After")) == (502, "30")
    assert "Le portail ne répond pas" in page
    assert "The portal does not answer" in page
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in (answer.getheader("Content-Security-Policy") or "")


def test_only_two_lines_are_not_for_the_caddy_of_debian() -> None:
    """Its 2.6 knows neither `write_idle` nor `request_buffers`: with both variables neither is in the file."""
    text = json.dumps(adapted(caddy(), "127.0.0.1:1"))
    older = json.dumps(adapted(caddy(), "127.0.0.1:1", WRITE_IDLE="", REQUEST_BUFFERS=""))
    for name in ("write_idle_timeout", "request_buffers"):
        assert name in text
        assert name not in older


@pytest.mark.full
def test_replacing_every_web_server_loses_no_post_and_sends_none_twice(tmp_path: Path) -> None:
    served = tmp_path / "served"
    variables = {"SERVED": str(served), "WEB_CONCURRENCY": "1"}
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        servers = {port: stack.enter_context(running(web(port, tmp_path), **variables)) for port in ports}
        for port in ports:
            wait_for(port)
        front = stack.enter_context(proxied(tmp_path, ports))
        served.write_text("")
        with Senders(front) as senders:
            for port, server in servers.items():
                time.sleep(0.5)
                server.send_signal(signal.SIGTERM)
                server.wait()
                time.sleep(1)
                stack.enter_context(running(web(port, tmp_path), **variables))
                wait_for(port)
    counted = Counter(path for path in served.read_text().split() if path != "/up")
    assert senders.wrong == []
    assert counted == dict.fromkeys(senders.sent, 1)
    assert len(senders.sent) > 30


@pytest.mark.full
def test_a_stopped_web_server_is_avoided_while_the_other_is_busy(tmp_path: Path) -> None:
    gone, port = free_port(), free_port()
    with running(web(port, tmp_path), SERVED=str(tmp_path / "served"), WEB_CONCURRENCY="1"):
        wait_for(port)
        with proxied(tmp_path, [gone, port]) as front:
            time.sleep(3)  # until Caddy has forgotten the failures of the start
            slow = threading.Thread(target=post, args=(front, "/slow", b"x"))
            slow.start()
            time.sleep(1)
            assert post(front, "/quick", b"x") == (200, b"1")
            assert slow.is_alive(), "the quick one waited for the slow one to end"
            slow.join()


@pytest.mark.full
def test_slow_requests_occupy_no_thread_of_the_web_server(tmp_path: Path) -> None:
    port = free_port()
    with running(web(port, tmp_path), SERVED=str(tmp_path / "served"), WEB_CONCURRENCY="1"):
        wait_for(port)
        with proxied(tmp_path, [port]) as front:
            slow = [socket.create_connection(("127.0.0.1", front), timeout=60) for _ in range(8)]
            for connection in slow:
                connection.sendall(
                    b"POST /slowly HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 20001\r\n\r\n"
                    + b"x" * 20_000
                )
            time.sleep(1)
            assert post(front, "/quick", b"x", timeout=10) == (200, b"1")
            for connection in slow:
                connection.sendall(b"x")
                assert b"20001" in connection.makefile("rb").read()
                connection.close()


def test_a_connection_is_not_used_for_a_second_form() -> None:
    """The web server closes idle connections at any time, and a request sent at that instant is lost."""
    [proxy] = proxies(adapted(caddy(), "127.0.0.1:1"))
    assert proxy["transport"]["keep_alive"] == {"enabled": False}


def test_the_proxy_image_is_of_a_version_that_resends_complete_bodies() -> None:
    image = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["proxy"]["image"]
    name, _colon, tag = image.partition(":")
    assert name == "caddy"
    assert tuple(map(int, tag.split("."))) >= OLDEST


def test_the_proxy_retries_no_request_by_a_match_of_its_own() -> None:
    """Without its own match, Caddy retries only GET; a match that includes POST would file twice."""
    [proxy] = proxies(adapted(caddy(), "127.0.0.1:1"))
    assert proxy["load_balancing"].keys() == {"selection_policy", "try_duration"}


def test_a_public_name_gets_a_public_certificate_and_only_current_tls() -> None:
    configuration = adapted(caddy(), "stages.exemple.ca")
    site = site_of(configuration)
    assert "automatic_https" not in site
    assert configuration["apps"].keys() == {"http"}  # no issuer of its own, no certificate from a file
    policy = site["tls_connection_policies"][0]
    assert (policy["protocol_min"], policy["protocol_max"]) == ("tls1.2", "tls1.3")
    assert len(policy["cipher_suites"]) == 6
    for suite in policy["cipher_suites"]:
        assert re.fullmatch(r"TLS_ECDHE_(ECDSA|RSA)_WITH_(AES_\d+_GCM|CHACHA20_POLY1305)_SHA\d+", suite)


def handshake(port: int, version: ssl.TLSVersion, ciphers: str) -> str:
    """Return the version that a client of this version alone agrees on with the proxy, or why it does not."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        client.minimum_version = client.maximum_version = version
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
            client.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            return str(secured.version())
    except ssl.SSLError as refused:
        return str(refused.reason)


@pytest.mark.full
def test_an_old_version_or_cipher_of_tls_is_refused_by_the_proxy(tmp_path: Path) -> None:
    front = free_port()
    configuration = adapted(caddy(), f"localhost:{front}") | {"admin": {"disabled": True}}
    [site] = configuration["apps"]["http"]["servers"].values()
    site["automatic_https"] = {"disable_redirects": True}  # else it listens on port 80 too
    # Its own authority, which no store of the machine learns to trust.
    configuration["apps"]["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
    (tmp_path / "caddy.json").write_text(json.dumps(configuration))
    with running([caddy(), "run", "--config", str(tmp_path / "caddy.json")], HOME=str(tmp_path)):
        give_up_at = time.monotonic() + 60
        while True:
            try:
                if handshake(front, ssl.TLSVersion.TLSv1_3, "ALL") == "TLSv1.3":
                    break
            except OSError:
                pass
            assert time.monotonic() < give_up_at
            time.sleep(0.2)
        assert handshake(front, ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256") == "TLSv1.2"
        assert "PROTOCOL_VERSION" in handshake(front, ssl.TLSVersion.TLSv1_1, "ALL")
        assert "HANDSHAKE_FAILURE" in handshake(front, ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA")


@pytest.mark.full
def test_a_request_that_asks_for_its_own_echo_is_refused(tmp_path: Path) -> None:
    port, served = free_port(), tmp_path / "served"
    with running(web(port, tmp_path), SERVED=str(served), WEB_CONCURRENCY="1"):
        wait_for(port)
        with proxied(tmp_path, [port]) as front:
            served.write_text("")
            for method in ("TRACE", "TRACK"):
                connection = http.client.HTTPConnection("127.0.0.1", front, timeout=60)
                connection.request(method, "/connexion/", headers={"Cookie": "secret=1"})
                answer = connection.getresponse()
                assert (answer.status, answer.read()) == (405, b"")
                connection.close()
    assert served.read_text() == ""
