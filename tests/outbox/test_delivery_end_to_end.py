"""Deliveries end to end: PostgreSQL, Valkey, a Celery worker with beat, and an SMTP server."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery.signals import task_postrun
from django.db import connection, transaction
from django.utils import timezone
from kombu import Connection

from intake.devtools.embedded import Urls
from intake.outbox import kinds, services, wake
from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant
from tests.outbox.conftest import Mailbox, application_address
from tests.outbox.worker.handlers import compose, note, note_session

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Workers:
    """Starts Celery workers in their own process groups."""

    environment: dict[str, str]
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Start one worker with beat, without waiting for it."""
        number = len(self.running)
        command = [sys.executable, "-m", "celery", "--app", "intake", "worker", "--beat"]
        command += ["--queues", "mail,receipts,documents", "--concurrency", "2", "--loglevel", "INFO"]
        command += ["--hostname", f"e2e{number}@localhost"]
        log = (self.folder / f"worker.{number}.log").open("wb")
        with log:
            worker = subprocess.Popen(
                command,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(worker)
        return worker

    def logs(self) -> str:
        """Return the output of all workers."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("worker.*.log")))

    def stop(self) -> None:
        """Kill the processes that still run."""
        for worker in self.running:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(10)


@pytest.fixture
def workers(
    embedded_servers: Urls,
    mailbox: tuple[Mailbox, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Workers]:
    """Workers on this test's database; this process publishes to their broker and registers their kinds."""
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register_mail("E2E_MAIL", compose)
    kinds.register_job("E2E_JOB", note)
    kinds.register_job("E2E_SESSION", note_session)
    wake.breaker.close()
    patiently = {
        **wake.PUBLISH_OPTIONS,
        "socket_connect_timeout": 10,
        "socket_timeout": 10,
    }  # no wake is lost on a busy machine
    monkeypatch.setattr(wake, "PUBLISH_OPTIONS", patiently)
    broker = Connection(embedded_servers.broker, transport_options=patiently)
    monkeypatch.setattr(wake, "_connection", lambda: broker)
    with Connection(embedded_servers.broker) as emptied:
        for queue in ("mail", "documents"):
            emptied.SimpleQueue(queue).clear()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.outbox.worker.settings",
        "E2E_DATABASE": json.dumps(application_address(embedded_servers)),
        "E2E_BROKER": embedded_servers.broker,
        "E2E_SMTP": f"smtp://127.0.0.1:{mailbox[1]}",
        "E2E_FOLDER": str(tmp_path),
    }
    started = Workers(environment, tmp_path)
    yield started
    started.stop()


def wait_for(what: Callable[[], bool], *, workers: Workers, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, workers.logs()
        assert workers.running[-1].poll() is None, workers.logs()
        time.sleep(0.05)


def is_done(delivery: Delivery) -> bool:
    return Delivery.objects.filter(pk=delivery.pk, state="DONE").exists()


def post(kind: str, key: str, subject: str = "camille@exemple.invalid") -> Delivery:
    with transaction.atomic():
        return services.post(kind=kind, key=key, subject=subject, at=timezone.now())


@pytest.mark.full
def test_mails_posted_before_and_after_the_worker_starts_are_sent_once(
    workers: Workers, mailbox: tuple[Mailbox, int]
) -> None:
    box, _port = mailbox
    box.refusals.append("451 try later")
    early = post("E2E_MAIL", "avant")
    workers.start()
    wait_for(lambda: Delivery.objects.filter(kind="E2E_MAIL", outages=1).exists(), workers=workers)
    late = post("E2E_MAIL", "après")
    wait_for(lambda: is_done(early) and is_done(late), workers=workers)
    for delivery in (early, late):
        (letter,) = [mail for mail in box.received if str(delivery.public_id) in mail["Message-ID"]]
        assert letter["To"] == "camille@exemple.invalid"
        assert letter["Subject"] == f"2027-020\u00a0: essai {delivery.key}"
        assert letter.get_body(("html",)) is not None
        delivery.refresh_from_db()
        assert delivery.message.sent_at is not None
    ours = Delivery.objects.filter(kind="E2E_MAIL")  # the worker also performs periodic deliveries
    # The server deferred one mail; that attempt is not counted.
    assert sorted(ours.values_list("attempts", "outages")) == [(1, 0), (1, 1)]
    assert "camille" not in workers.logs()


@pytest.mark.full
def test_another_worker_performs_a_killed_workers_delivery_after_its_lease(
    workers: Workers, tmp_path: Path
) -> None:
    killed = workers.start()
    delivery = post("E2E_JOB", "tache")
    wait_for((tmp_path / "tache.1").exists, workers=workers)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait(10)
    leased = Delivery.objects.get(pk=delivery.pk)
    assert (leased.state, leased.attempts) == ("LEASED", 1)

    workers.start()
    wait_for(lambda: is_done(delivery), workers=workers)
    ended = Delivery.objects.get(pk=delivery.pk)
    assert ended.attempts == 2
    assert ended.done_at is not None
    assert leased.leased_until is not None
    assert ended.done_at >= leased.leased_until


@pytest.mark.full
def test_a_hanging_delivery_is_stopped_and_retried(workers: Workers, tmp_path: Path) -> None:
    workers.start()
    delivery = post("E2E_JOB", "lente")
    wait_for((tmp_path / "lente.1").exists, workers=workers)
    wait_for(lambda: Delivery.objects.get(pk=delivery.pk).last_error != "", workers=workers)
    stopped = Delivery.objects.get(pk=delivery.pk)
    assert stopped.state == "PENDING"
    assert "SoftTimeLimitExceeded" in stopped.last_error
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    wait_for(lambda: is_done(delivery), workers=workers)


def test_a_worker_keeps_its_session_from_job_to_job_and_replaces_one_that_ended(
    workers: Workers, embedded_servers: Urls, tmp_path: Path
) -> None:
    def sessions_of(keys: list[str]) -> set[str]:
        posted = [post("E2E_SESSION", key) for key in keys]
        wait_for(lambda: all(map(is_done, posted)), workers=workers)
        assert set(Delivery.objects.filter(kind="E2E_SESSION").values_list("attempts", flat=True)) == {1}
        return {(tmp_path / f"{key}.session").read_text() for key in keys}

    workers.start()
    kept = sessions_of([f"avant.{rank}" for rank in range(8)])
    assert len(kept) <= 4  # of two processes, each of which may open a second one while the first opens
    with psycopg.connect(embedded_servers.database_superuser, autocommit=True) as superuser:
        superuser.execute("SELECT pg_terminate_backend(session) FROM unnest(%s::int[]) session", [list(kept)])
    assert not kept & sessions_of([f"après.{rank}" for rank in range(4)])


def test_the_connection_of_a_job_goes_back_to_the_pool_that_checks_it() -> None:
    database_instant()
    assert connection.connection is not None
    task_postrun.send(sender=None)
    assert connection.connection is None


@pytest.mark.usefixtures("workers")
def test_a_wake_message_enters_only_the_queue_of_its_delivery(embedded_servers: Urls) -> None:
    post("E2E_MAIL", "une")
    post("E2E_JOB", "deux")
    post("E2E_JOB", "trois")
    told, ends = {"mail": 1, "documents": 2}, time.monotonic() + 20
    with Connection(embedded_servers.broker) as asked:
        client: Any = asked.default_channel
        waiting: dict[str, int] = {}
        while waiting != told and time.monotonic() < ends:  # a background thread wakes the broker
            waiting = {queue: client.client.llen(queue) for queue in told}
    assert waiting == told
