"""Checks of a process before it serves, the role it connects as, and how it stops; no process is started."""

import gc
import os
import runpy
import selectors
import socket
import sys
from collections.abc import Callable, Iterator
from functools import partial
from http import client
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import Any, Self

import psycopg
import pytest
from celery.signals import beat_init, celeryd_init
from django.contrib.staticfiles import finders, storage
from django.core import wsgi
from pytest_django import Settings

from intake import celery, healthcheck, startup_checks
from intake.documents import isolated_process
from intake.outbox import wake
from intake.web_worker import DrainingWorker
from tests.settings.environment import ROOT

ADDRESS = {
    "NAME": "intake",
    "USER": "intake_app",
    "PASSWORD": "p@ss",
    "HOST": "db.exemple.invalid",
    "PORT": 5433,
    "OPTIONS": {"pool": {"max_size": 8}, "sslmode": "verify-full", "connect_timeout": 60},
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A database that returns `answer` to every query, and the queries and connections it received."""
    seen = SimpleNamespace(answer=(False,), by=None, questions=[], version=180001)

    class Connection:
        @property
        def info(self) -> SimpleNamespace:
            return SimpleNamespace(server_version=seen.version)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_raised: object) -> None:
            pass

        def execute(self, question: str, *, prepare: bool = False) -> Self:
            del prepare
            seen.questions.append(question)
            return self

        def commit(self) -> None:
            pass

        def fetchone(self) -> object:
            return seen.answer

    def connect(**given: Any) -> Connection:
        seen.by = given
        if isinstance(seen.answer, Exception):
            raise seen.answer
        return Connection()

    monkeypatch.setattr(psycopg, "connect", connect)
    monkeypatch.setattr(startup_checks, "find_other_key", lambda _connection: "")
    return seen


def test_an_older_database_is_refused(asked: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup_checks, "settings", SimpleNamespace(DATABASES={"default": ADDRESS}))
    asked.version = 169999
    said = "intake: not serving: DATABASE_URL is of a PostgreSQL 16: the portal needs 17 or later"
    assert _exit_message(startup_checks.check_settings_complete) == said
    asked.version = 170000
    assert _exit_message(startup_checks.check_settings_complete) == ""


@pytest.mark.parametrize(
    "missing, answer, said",
    [
        ((), (False,), ""),
        ((), None, ""),
        ((), psycopg.OperationalError("no answer"), ""),
        (
            ("CACHE_URL", "EMAIL_URL"),
            (False,),
            "set CACHE_URL, EMAIL_URL (docs/operations/environment.md says how)",
        ),
        (
            (),
            (True,),
            "DATABASE_URL is of intake_app, who may change the tables: give the role that owns nothing, intake_app",
        ),
    ],
)
def test_a_process_with_a_missing_setting_or_too_much_power_ends(
    asked: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    missing: tuple[str, ...],
    answer: Any,
    said: str,
) -> None:
    installed = SimpleNamespace(DATABASES={"default": ADDRESS}, MISSING_FOR_SERVING=missing)
    monkeypatch.setattr(startup_checks, "settings", installed)
    asked.answer = answer
    assert _exit_message(startup_checks.check_settings_complete) == (
        f"intake: not serving: {said}" if said else ""
    )
    if missing:
        return
    assert asked.by == {
        "dbname": "intake",
        "user": "intake_app",
        "password": "p@ss",
        "host": "db.exemple.invalid",
        "port": 5433,
        "sslmode": "verify-full",
        "connect_timeout": 5,
    }
    assert asked.questions[:1] == ([] if isinstance(answer, Exception) else [startup_checks.BYPASS_QUERY])


def _exit_message(check: Callable[[], object]) -> str:
    try:
        check()
    except SystemExit as refused:
        return str(refused)
    return ""


def test_a_static_file_not_collected_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ignored = []

    class Finder:
        def list(self, patterns: object) -> list[tuple[str, object]]:
            ignored.append(patterns)
            return [
                ("css/portal.css", SimpleNamespace()),
                (str(PurePath("css") / "bootstrap.css"), SimpleNamespace(prefix="vendor")),
                ("portal.js", SimpleNamespace(prefix="")),
            ]

    monkeypatch.setattr(finders, "get_finders", lambda: [Finder()])
    assert _exit_message(startup_checks.check_static_files) == ""
    assert ignored == [], "a storage that computes no name is left alone"
    names = ["css/portal.css", "vendor/css/bootstrap.css", "portal.js"]
    for lacking in (None, *names):
        collected = {name: f"{name}?1" for name in names if name != lacking}
        monkeypatch.setattr(storage, "staticfiles_storage", SimpleNamespace(hashed_files=collected))
        said = f"intake: not serving: {lacking} is not among the collected files: run manage.py "
        assert _exit_message(startup_checks.check_static_files) == (
            f"{said}collectstatic --no-input" if lacking else ""
        )
    assert ignored == [["CVS", ".*", "*~"]] * 4


def test_a_web_server_checks_its_settings_before_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for module, name in (
        (startup_checks, "check_settings_complete"),
        (wsgi, "get_wsgi_application"),
        (startup_checks, "check_static_files"),
        (wake, "preload_publisher"),
        (gc, "freeze"),
    ):
        monkeypatch.setattr(
            module, name, partial(lambda name, *uses: done.append(" ".join([name, *uses])), name)
        )
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    runpy.run_path(str(ROOT / "intake" / "wsgi.py"))
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "intake.settings.production"
    assert done[:2] == ["check_settings_complete WEB", "get_wsgi_application"]
    assert done[-1] == "freeze"  # memory is shared with the workers only once all is loaded


# -- Celery ------------------------------------------------------------------------------------------------------
def test_each_queue_has_its_own_exchange_and_key_and_the_sweep_its_time(settings: Settings) -> None:
    conf = celery.app.conf
    for queue in conf.task_queues:
        assert (queue.exchange.name, queue.exchange.type, queue.routing_key) == (
            queue.name,
            "direct",
            queue.name,
        )
    (sweep,) = conf.beat_schedule.values()
    assert (sweep["schedule"], sweep["options"]["expires"]) == (settings.OUTBOX_SWEEP_SECONDS,) * 2
    assert sweep["options"]["queue"] == settings.CELERY_TASK_DEFAULT_QUEUE
    celery.app.loader.import_default_modules()
    assert sweep["task"] in celery.app.tasks


@pytest.mark.parametrize(
    "starts, check",
    [(celeryd_init, celery.check_worker_at_start), (beat_init, celery.check_beat_at_start)],
    ids=["worker", "beat"],
)
def test_a_worker_or_beat_that_lacks_a_server_does_not_start(
    starts: Any, check: Callable[..., None], settings: Settings
) -> None:
    settings.MISSING_FOR_SERVING = ("EMAIL_URL",)
    receivers = [reference() for _key, reference in starts.receivers if reference() is not None]
    assert check in receivers
    assert _exit_message(lambda: check(sender="x", options={"queues": ["mail"]})) == (
        "intake: not serving: set EMAIL_URL (docs/operations/environment.md says how)"
    )


@pytest.mark.parametrize(
    "queues, signs",
    [
        (["mail"], False),
        (["exports"], False),
        (["uploads"], False),
        ("mail,exports", False),
        (["receipts"], True),
        ("mail,documents", True),
        (None, True),
    ],
)
def test_only_a_worker_that_signs_needs_the_secret_of_the_signing_key(
    queues: list[str] | str | None,
    signs: bool,  # noqa: FBT001 -- a table's column
    settings: Settings,
    asked: SimpleNamespace,
) -> None:
    del asked
    settings.MISSING_FOR_SIGNING = ("SIGNING_KEYS",)
    said = _exit_message(lambda: celery.check_worker_at_start(sender="x", options={"queues": queues}))
    assert said == (
        "intake: not serving: set SIGNING_KEYS (docs/operations/environment.md says how)" if signs else ""
    )
    assert _exit_message(lambda: celery.check_beat_at_start(sender="x")) == ""


def test_a_process_names_once_the_servers_that_it_reaches_in_clear(
    asked: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del asked
    installed = SimpleNamespace(
        DATABASES={"default": ADDRESS}, UNENCRYPTED_SERVERS=("DATABASE_URL", "CACHE_URL")
    )
    monkeypatch.setattr(startup_checks, "settings", installed)
    assert _exit_message(startup_checks.check_settings_complete) == ""
    said = "intake: not encrypted: DATABASE_URL, CACHE_URL (docs/operations/environment.md says how)\n"
    assert capsys.readouterr().err == said
    installed.UNENCRYPTED_SERVERS = ()
    startup_checks.check_settings_complete()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "access, required, said, ended",
    [
        ({"files": True, "sockets": True}, True, "files, sockets", ""),
        ({"files": True, "sockets": False}, True, "files; permitted: sockets", ""),
        ({"files": False}, True, "", "intake: not serving: the kernel confines no process"),
        ({}, True, "", "intake: not serving: the kernel confines no process"),
        ({"files": False}, False, "nothing; permitted: files", ""),
    ],
)
def test_a_web_server_names_what_is_refused_to_document_processes(
    access: dict[str, bool],
    required: bool,  # noqa: FBT001 -- a parameter of the table
    said: str,
    ended: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(isolated_process, "refused_access", lambda: access)
    monkeypatch.setattr(isolated_process, "settings", SimpleNamespace(CONFINEMENT_REQUIRED=required))
    assert _exit_message(isolated_process.check_confinement).startswith(ended)
    assert capsys.readouterr().err == (said and f"intake: refused to document processes: {said}\n")


def test_no_uploaded_file_is_opened_in_production_where_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Workers open them too, and start without this check."""
    monkeypatch.setattr(isolated_process, "refused_access", lambda: {"files": False})
    monkeypatch.setattr(isolated_process, "settings", SimpleNamespace(CONFINEMENT_REQUIRED=True))
    with pytest.raises(isolated_process.NotConfinedError):
        isolated_process.run_isolated("intake.documents.child", room=tmp_path, seconds=1)


# -- The container's health check --------------------------------------------------------------------------------
@pytest.mark.parametrize("hosts, host", [(None, "localhost"), (" .exemple.ca , autre.ca", "exemple.ca")])
def test_a_web_server_is_healthy_if_it_answers_200_to_its_first_host(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hosts: str | None, host: str
) -> None:
    asked: list[object] = []
    answers = iter([SimpleNamespace(status=status) for status in (200, 204, 503)])
    monkeypatch.setattr(
        client.HTTPConnection, "request", lambda _self, *given, headers: asked.append((*given, headers))
    )
    monkeypatch.setattr(client.HTTPConnection, "getresponse", lambda _self: next(answers))
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    if hosts is not None:
        monkeypatch.setenv("ALLOWED_HOSTS", hosts)
    assert [healthcheck.main() for _answer in range(3)] == [0, 1, 1]
    assert capsys.readouterr().err == "answer 204\nanswer 503\n"
    assert asked == [("GET", "/healthz", {"Host": host})] * 3


def test_the_health_check_of_a_container_exits_with_its_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise OSError("refused")  # noqa: EM101 -- the text of a system error

    monkeypatch.setattr(client.HTTPConnection, "request", refuse)
    monkeypatch.setattr(sys, "argv", ["healthcheck.py"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "intake" / "healthcheck.py"), run_name="__main__")
    assert (ended.value.code, capsys.readouterr().err) == (1, "no answer: refused\n")


# -- A web worker that stops -------------------------------------------------------------------------------------
@pytest.fixture
def worker() -> Iterator[Any]:
    """A worker that accepts on one socket where three connections wait, and keeps those that it accepts."""
    made: Any = DrainingWorker.__new__(DrainingWorker)
    listener = socket.create_server(("127.0.0.1", 0))
    made.accepted, made.waiting = [], [socket.create_connection(listener.getsockname()) for _ in range(3)]
    made.sockets, made.poller, made._accepting, made.alive = (
        [listener],
        selectors.DefaultSelector(),
        False,
        True,
    )
    made.cfg = SimpleNamespace(backlog=10)
    made.accept = lambda found: made.accepted.append(found.accept()[0])
    made.set_accept_enabled(True)
    yield made
    made.poller.close()
    for each in (*made.sockets, *made.waiting, *made.accepted):
        each.close()


@pytest.mark.parametrize(
    "alive, enabled, accepted, closed",
    [(True, True, 0, False), (True, False, 0, False), (False, True, 0, False), (False, False, 3, True)],
)
def test_a_stopping_worker_accepts_waiting_connections_and_closes_its_sockets(
    worker: Any,
    alive: bool,  # noqa: FBT001 -- a table's column
    enabled: bool,  # noqa: FBT001 -- a table's column
    accepted: int,
    closed: bool,  # noqa: FBT001 -- a table's column
) -> None:
    worker.alive = alive
    worker.set_accept_enabled(enabled)
    assert (len(worker.accepted), worker.sockets[0].fileno() < 0) == (accepted, closed)
    assert worker._accepting is enabled
    worker.set_accept_enabled(enabled)  # closed sockets are not polled again
    assert len(worker.accepted) == accepted


def test_a_worker_that_stops_accepts_no_more_than_its_backlog(worker: Any) -> None:
    worker.alive, worker.cfg.backlog = False, 2
    worker.set_accept_enabled(False)
    assert (len(worker.accepted), worker.sockets[0].fileno()) == (2, -1)
