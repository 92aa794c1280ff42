"""Runs the commands of `docs/operations/first-day.md`, then those of `processes.md`; then a page is requested."""

import http.client
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections

from intake.devtools import embedded
from intake.devtools.embedded import postgres
from intake.devtools.embedded.keeper import free_port
from tests.settings.environment import NEEDED, REST, ROOT

PAGES = ROOT / "docs" / "operations"
_BLOCK = re.compile(r"^```sh\n((?:psql|python|gunicorn).*?)^```$", re.MULTILINE | re.DOTALL)
ROLES, STEPS, PROCESSES = (
    [line.partition("#")[0].strip() for line in block.splitlines()]
    for page in ("first-day", "processes")
    for block in _BLOCK.findall((PAGES / f"{page}.md").read_text())
)
HOST = "stages.exemple.invalid"
BEHIND_A_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


def test_the_roles_are_created_by_the_script_of_the_embedded_servers() -> None:
    assert " ".join(ROLES) == f"psql --dbname postgres --file {postgres.ROLES.relative_to(ROOT)}"


@pytest.mark.servers
@pytest.mark.full
@pytest.mark.parametrize(
    "processes_of_the_page", [pytest.param(PROCESSES[:1], id="web"), pytest.param(PROCESSES, id="all")]
)
def test_the_web_server_answers_after_the_commands_of_the_page(
    processes_of_the_page: list[str],
    embedded_servers: embedded.Urls,
    transactional_db: None,
    tmp_path: Path,
) -> None:
    del transactional_db
    name = connections["default"].settings_dict["NAME"]
    application, owner = (
        f"{url.rpartition('/')[0]}/{name}"
        for url in (embedded_servers.database, embedded_servers.database_owner)
    )
    variables = {
        **NEEDED,
        **REST,
        "DATABASE_URL": application,
        "CELERY_BROKER_URL": embedded_servers.broker,
        "CACHE_URL": embedded_servers.cache,
        "STORAGE_URL": tmp_path.as_uri(),
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    for step in STEPS:
        migrates = {"DATABASE_OWNER_URL": owner} if "migrate" in step else {}
        answer = subprocess.run(
            words(step),
            env=clean() | variables | migrates,
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        assert answer.returncode == 0, (step, answer.stderr)
    port = free_port()
    started = [command.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for command in processes_of_the_page]
    with all_running(started, clean() | variables | {"WEB_CONCURRENCY": "1"}) as processes:
        wait_for(port, processes)
        page, text = ask(port, "/offres/")
        assert (page.status, page.getheader("Strict-Transport-Security")) == (
            200,
            "max-age=31536000; includeSubDomains",
        )
        linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', text)
        assert linked
        assert {where: ask(port, where)[0].status for where in linked} == dict.fromkeys(linked, 200)
        encodings = {
            where: ask(port, where, **{"Accept-Encoding": "gzip, br"})[0].getheader("Content-Encoding")
            for where in ("/offres/", *linked)
        }
        assert encodings == {"/offres/": "gzip"} | {
            where: None if where.endswith(".woff2") else "br"
            for where in linked  # a font is compressed itself
        }
        ready, said = ask(port, "/readyz")
        assert (ready.status, json.loads(said)["ready"]) == (200, True), said
        ended = {
            command: process.returncode
            for command, process in processes.items()
            if process.poll() is not None
        }
        assert ended == {}


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}


def words(command: str) -> list[str]:
    """Return the words of a command of the page, with programs from the tests' environment."""
    program, *rest = shlex.split(command)
    return [sys.executable if program == "python" else str(Path(sys.executable).with_name(program)), *rest]


@contextmanager
def all_running(
    commands: list[str], environment: dict[str, str]
) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for command in commands:
            processes[command] = subprocess.Popen(words(command), env=environment, cwd=ROOT)
        yield processes
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait(60)


def wait_for(port: int, processes: dict[str, "subprocess.Popen[bytes]"]) -> None:
    give_up_at = time.monotonic() + 90
    while time.monotonic() < give_up_at:
        assert next(iter(processes.values())).poll() is None, "the web server ended"
        try:
            ask(port, "/healthz")
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the web server does not answer")


def ask(port: int, path: str, **headers: str) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=BEHIND_A_PROXY | headers)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer, text
