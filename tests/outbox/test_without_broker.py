"""What is due is done without a broker, without beat and without workers."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from intake.embedded import Urls
from intake.embedded.keeper import free_port
from intake.outbox import kinds, selectors, tasks, wake, without_broker
from intake.outbox.models import Delivery
from intake.outbox.policy import PATIENCE, SWEEP_BATCH
from tests.outbox.conftest import post


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
def test_a_delivery_is_neglected_once_the_workers_left_it_alone_for_too_long() -> None:
    at = selectors.database_instant()
    post(kind="TEST_MAIL", at=at - PATIENCE["mail"])
    assert selectors.is_neglected(queue="mail", before=at - PATIENCE["mail"])
    assert not selectors.is_neglected(queue="documents", before=at)
    Delivery.objects.update(due_at=at - PATIENCE["mail"] + timedelta(microseconds=1))
    assert not selectors.is_neglected(queue="mail", before=at - PATIENCE["mail"])


@pytest.mark.django_db
def test_all_that_is_due_is_done_and_what_hangs_is_stopped(
    registry: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(_delivery: Delivery, _at: datetime) -> None:
        time.sleep(30)

    kinds.register_job("HANGS", hang)
    monkeypatch.setattr("intake.outbox.policy.DEFAULT_LIMITS", {"mail": (1, 2), "documents": (1, 9)})
    at = selectors.database_instant()
    hung, done = post(kind="HANGS", at=at - timedelta(seconds=9)), post(at=at)
    later = post(key="later", at=at + timedelta(hours=1))
    assert without_broker.deliver_due(queue="documents", stop=threading.Event(), linger=0) == 2
    assert registry["TEST_JOB"] == [done.pk]
    hung.refresh_from_db()
    assert hung.state == "PENDING"
    assert "DeliveryTooLongError" in hung.last_error
    later.refresh_from_db()
    assert later.attempts == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    "waiting,woken_count", [(0, 3), (SWEEP_BATCH - 2, 2), (SWEEP_BATCH + 9, 0), (None, 0)]
)
def test_a_sweep_fills_the_brokers_queue_and_no_further(
    woken: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch, waiting: int | None, woken_count: int
) -> None:
    monkeypatch.setattr(tasks, "waiting_in", lambda _queue: waiting)
    for key in "abc":
        post(key=key, at=selectors.database_instant())
    tasks.sweep()
    assert len(woken) == woken_count


def test_the_broker_says_how_many_wakes_wait(embedded_servers: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    from kombu import Connection  # noqa: PLC0415 -- this test alone

    broker = Connection(embedded_servers.broker, transport_options=wake.QUICKLY)
    monkeypatch.setattr(wake, "_connection", lambda: broker)
    wake.breaker.close()
    assert wake.waiting_in("nobody_publishes_there") == 0
    for queue in ("mail", "documents"):
        broker.SimpleQueue(queue).clear()
    assert wake.wake(delivery_id=1, queue="mail")
    assert wake.waiting_in("mail") == 1
    broker.SimpleQueue("mail").clear()


@pytest.fixture
def sweeper(
    embedded_servers: Urls, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[bytes]]:
    """The real process, with a broker's address where nobody listens, and no worker at all."""
    del embedded_servers
    folder = tmp_path_factory.mktemp("sweeper")
    address = {
        key: connection.settings_dict[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    }
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.outbox.worker.settings",
        "E2E_DATABASE": json.dumps(address),
        "E2E_BROKER": f"redis://127.0.0.1:{free_port()}/0",
        "E2E_SMTP": "smtp://127.0.0.1:9",
        "E2E_FOLDER": str(folder),
        "DATABASE_URL": "named so that no server starts",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "sweep_outbox"], env=environment, stdout=log, stderr=log
        )
    yield process
    process.kill()
    process.wait()


@pytest.mark.django_db(transaction=True)
def test_a_job_is_done_by_the_sweep_alone_when_nobody_else_is_there(
    sweeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register_job("E2E_JOB", lambda _delivery, _at: None)
    delivery = post(kind="E2E_JOB", key="seul", at=timezone.now() - timedelta(seconds=20))
    Delivery.objects.update(attempts=1)  # the tests' job hangs at its first attempt only
    ends = time.monotonic() + 40
    while not Delivery.objects.filter(pk=delivery.pk, state="DONE").exists():
        assert time.monotonic() < ends
        assert sweeper.poll() is None
        time.sleep(0.1)
    sweeper.terminate()
    assert sweeper.wait(20) == 0
