"""Due deliveries are performed without a broker, without beat and without workers."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.utils import timezone
from kombu import Connection, Exchange, Queue
from kombu.common import ignore_errors

from intake import celery
from intake.devtools.embedded import Urls, valkey
from intake.devtools.embedded.keeper import free_port
from intake.outbox import fallback_workers, kinds, selectors, tasks, wake
from intake.outbox.models import Delivery
from intake.outbox.policy import NEGLECTED_AFTER, QUEUES, SWEEP_BATCH, SWEEP_INTERVAL_SECONDS
from tests.outbox.conftest import application_address, post


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
def test_a_delivery_is_neglected_after_the_patience_of_its_queue() -> None:
    at = selectors.database_instant()
    post(kind="TEST_MAIL", at=at - NEGLECTED_AFTER["mail"])
    assert selectors.has_neglected_delivery(queue="mail", before=at - NEGLECTED_AFTER["mail"])
    assert not selectors.has_neglected_delivery(queue="documents", before=at)
    Delivery.objects.update(due_at=at - NEGLECTED_AFTER["mail"] + timedelta(microseconds=1))
    assert not selectors.has_neglected_delivery(queue="mail", before=at - NEGLECTED_AFTER["mail"])


@pytest.mark.django_db
def test_due_deliveries_are_performed_and_hanging_ones_stopped(
    registry: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(_delivery: Delivery, _at: datetime) -> None:
        time.sleep(30)

    kinds.register_job("HANGS", hang)
    monkeypatch.setattr("intake.outbox.policy.DEFAULT_LIMITS", {"mail": (1, 2), "documents": (1, 9)})
    at = selectors.database_instant()
    hung, done = post(kind="HANGS", at=at - timedelta(seconds=9)), post(at=at)
    later = post(key="later", at=at + timedelta(hours=1))
    assert fallback_workers.deliver_due(queue="documents", stop=threading.Event(), linger=0) == 2
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
def test_a_sweep_fills_the_queue_of_the_broker_up_to_its_limit(
    woken: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch, waiting: int | None, woken_count: int
) -> None:
    monkeypatch.setattr(tasks, "waiting_in", lambda _queue: waiting)
    for key in "abc":
        post(key=key, at=selectors.database_instant())
    tasks.sweep()
    assert len(woken) == woken_count


def test_the_broker_returns_the_number_of_waiting_wakes(
    embedded_servers: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Connection(embedded_servers.broker, transport_options=wake.PUBLISH_OPTIONS)
    monkeypatch.setattr(wake, "_connection", lambda: broker)
    wake.breaker.close()
    assert wake.waiting_in("nobody_publishes_there") == 0
    for queue in ("mail", "documents"):
        broker.SimpleQueue(queue).clear()
    assert wake.wake(delivery_id=1, queue="mail")
    assert wake.waiting_in("mail") == 1
    broker.SimpleQueue("mail").clear()


@dataclass
class OwnBroker:
    """A Valkey server of one test, which may be killed; or an address without a server."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the server for Celery."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it responds. Each queue holds one wake, as in a portal in use."""
        self.process = subprocess.Popen(
            [str(valkey.binary()), "--port", str(self.port), "--save", ""], cwd="/"
        )
        wait_until(self.answers)
        with Connection(self.url) as connected:
            for queue in QUEUES:
                connected.SimpleQueue(queue).put("a wake")

    def answers(self) -> bool:
        """True if it accepts a command."""
        with redis.Redis(port=self.port) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def wakes_in(self, queue: str) -> int:
        """Return the number of wakes in `queue`."""
        with redis.Redis(port=self.port) as client:
            return int(client.llen(queue))

    def signal(self, number: int) -> None:
        """Send the server a signal: killed, it refuses connections; stopped, it does not respond."""
        assert self.process is not None
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()


@pytest.fixture
def own_broker() -> Iterator[OwnBroker]:
    broker = OwnBroker()
    yield broker
    if broker.process is not None:
        broker.signal(signal.SIGKILL)


def wait_until(holds: Callable[[], bool], *, sweeper: subprocess.Popen[bytes] | None = None) -> None:
    ends = time.monotonic() + 40
    while not holds():
        assert time.monotonic() < ends
        assert sweeper is None or sweeper.poll() is None
        time.sleep(0.05)


def test_a_worker_that_works_and_asks_for_more_outlives_its_broker(own_broker: OwnBroker) -> None:
    own_broker.start()
    received: list[object] = []  # messages of jobs that it works on
    with celery.app.connection_for_read(own_broker.url) as connection:
        connection.Consumer([Queue("mail")], on_message=received.append).consume()
        events = Queue("events", Exchange("events", type="fanout"), exclusive=True, auto_delete=True)
        connection.Consumer([events], channel=connection.channel()).consume()
        while not received:
            connection.drain_events(timeout=20)
        channel: Any = connection.default_channel
        channel._brpop_start()
        own_broker.signal(signal.SIGKILL)
        # What Celery's consumer does before it connects again; another error would end it.
        connection.collect(socket_timeout=1)
        ignore_errors(connection, connection.close)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_a_broker_that_dies_or_stalls_counts_as_absent(
    own_broker: OwnBroker, monkeypatch: pytest.MonkeyPatch, end: int
) -> None:
    own_broker.start()
    with Connection(own_broker.url, transport_options=wake.PUBLISH_OPTIONS) as connected:
        monkeypatch.setattr(wake, "_connection", lambda: connected)
        wake.breaker.close()
        assert wake.waiting_in("mail") == 1
        own_broker.signal(end)
        assert wake.waiting_in("mail") is None
        assert wake.breaker.is_open
    wake.breaker.close()


@pytest.fixture
def sweeper(
    embedded_servers: Urls, own_broker: OwnBroker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[bytes]]:
    """The `sweep_outbox` process, with the address of the test's own broker and without workers."""
    folder = tmp_path_factory.mktemp("sweeper")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.outbox.worker.settings",
        "E2E_DATABASE": json.dumps(application_address(embedded_servers)),
        "E2E_BROKER": own_broker.url,
        "E2E_SMTP": "smtp://127.0.0.1:9",
        "E2E_FOLDER": str(folder),
        "DATABASE_URL": "named so that no server starts",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "sweep_outbox"], env=environment, stdout=log, stderr=log
        )
    yield process
    process.terminate()  # killed, it would leave fallback workers that perform the next test's deliveries
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_the_sweep_performs_a_job_without_any_worker(
    sweeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register_job("E2E_JOB", lambda _delivery, _at: None)
    delivery = post(kind="E2E_JOB", key="seul", at=timezone.now() - timedelta(seconds=20))
    Delivery.objects.update(attempts=1)  # the tests' job hangs at its first attempt only
    wait_until(Delivery.objects.filter(pk=delivery.pk, state="DONE").exists, sweeper=sweeper)
    sweeper.terminate()
    assert sweeper.wait(20) == 0


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_the_sweep_outlives_a_broker_that_dies_after_the_first_check(
    own_broker: OwnBroker, sweeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_broker.start()
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register_job("E2E_JOB", lambda _delivery, _at: None)
    for key in ("avant", "après"):
        post(kind="E2E_JOB", key=key, at=timezone.now())
    Delivery.objects.update(attempts=1)  # the tests' job hangs at its first attempt only
    wait_until(lambda: own_broker.wakes_in("documents") > 2, sweeper=sweeper)
    time.sleep(
        SWEEP_INTERVAL_SECONDS / 2
    )  # between two looks: the next one begins by asking how many wakes wait
    own_broker.signal(signal.SIGKILL)
    time.sleep(3 * SWEEP_INTERVAL_SECONDS)
    wait_until(lambda: not Delivery.objects.exclude(state="DONE").exists(), sweeper=sweeper)
