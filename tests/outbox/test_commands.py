"""`deliver_outbox` and `sweep_outbox` in this process, on stored rows, with a real mail server and broker."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command, execute_from_command_line
from django.db import connection
from django.utils import timezone
from kombu import Connection
from pytest_django import Settings

from intake.devtools.embedded import Urls
from intake.outbox import fallback_workers, kinds, selectors, tasks, wake
from intake.outbox.management.commands import deliver_outbox, sweep_outbox
from intake.outbox.models import Delivery
from intake.outbox.policy import NEGLECTED_AFTER, NICE, QUEUES, SWEEP_INTERVAL_SECONDS, lower_priority
from intake.settings import services
from tests.outbox.conftest import Mailbox, application_address, post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("registry")]
LOOK = 0.1  # seconds between two polls in these tests
SOON = 0.5  # seconds, longer than one poll


_timers: list[threading.Timer] = []


@pytest.fixture(autouse=True)
def handlers_kept() -> Iterator[None]:
    """Restore the test runner's signal handlers: the commands replace them for the rest of the process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for timer in _timers:
        timer.cancel()
        timer.join()
    _timers.clear()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll ten times a second instead of once."""
    for module in (sweep_outbox, deliver_outbox, fallback_workers):
        monkeypatch.setattr(module, "SWEEP_INTERVAL_SECONDS", LOOK)


@pytest.fixture
def mail_server(mailbox: tuple[Mailbox, int], settings: Settings) -> Mailbox:
    """The server to which this process sends its mails."""
    box, port = mailbox
    settings.MAILERS = {"default": services.mailer(f"smtp://127.0.0.1:{port}")}
    return box


@pytest.fixture
def broker(embedded_servers: Urls, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """The run's broker with empty queues, before and after; wakes of `post` are not published."""
    monkeypatch.setattr("intake.outbox.services.wake_async", lambda _woken: None)
    connected = Connection(embedded_servers.broker, transport_options=wake.PUBLISH_OPTIONS)
    monkeypatch.setattr(wake, "_connection", lambda: connected)
    wake.breaker.close()
    for queue in ("mail", "documents"):
        connected.SimpleQueue(queue).clear()
    yield connected
    for queue in ("mail", "documents"):
        connected.SimpleQueue(queue).clear()


@pytest.fixture
def environment(embedded_servers: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fallback workers that this process starts use this test's database."""
    for name, value in {
        "DJANGO_SETTINGS_MODULE": "tests.outbox.worker.settings",
        "E2E_DATABASE": json.dumps(application_address(embedded_servers)),
        "E2E_BROKER": embedded_servers.broker,
        "E2E_SMTP": "smtp://127.0.0.1:9",
        "E2E_FOLDER": str(tmp_path),
        "DATABASE_URL": "named so that no server starts",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def as_the_application(embedded_servers: Urls, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connect as the application's role: a sweep refuses to serve as the owner."""
    address = services.database(embedded_servers.database)
    with monkeypatch.context() as patch:
        for key in ("USER", "PASSWORD"):
            patch.setitem(connection.settings_dict, key, address[key])
        connection.close()
        yield
    connection.close()


def send_signal(number: int = signal.SIGTERM, *, after: float) -> None:
    """Send this process a signal after `after` seconds."""
    begin(os.kill, os.getpid(), number, after=after)


def begin(what: Callable[..., object], *arguments: object, after: float) -> None:
    """Call `what` after `after` seconds in another thread, unless the test has ended."""
    _timers.append(threading.Timer(after, what, arguments))
    _timers[-1].start()


@pytest.fixture
def signal_once_due(monkeypatch: pytest.MonkeyPatch) -> Callable[[Delivery, int], None]:
    """Send this process a signal right after the first poll of the sweep that can find the delivery due."""
    look = tasks.sweep

    def wait_for(delivery: Delivery, number: int) -> None:
        def look_then_send() -> None:
            could_see = selectors.database_instant() >= delivery.due_at
            look()
            if could_see:
                send_signal(number, after=LOOK / 2)

        monkeypatch.setattr(tasks, "sweep", look_then_send)

    return wait_for


def due(*, kind: str = "TEST_JOB", key: str = "1", seconds_ago: float = 0) -> Delivery:
    return post(kind=kind, key=key, at=selectors.database_instant() - timedelta(seconds=seconds_ago))


def state_of(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).state


# -- deliver_outbox -------------------------------------------------------------------------------------------------
def deliver(queue: str, capsys: pytest.CaptureFixture[str]) -> int:
    """Run the command. Return the number of deliveries that it reports as tried."""
    call_command("deliver_outbox", queue=queue)
    tried: int = json.loads(capsys.readouterr().out)["tried"]
    return tried


def test_a_refused_mail_does_not_delay_the_next_one(
    mail_server: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    mail_server.refusals.append("554 no")
    refused, sent = due(kind="TEST_MAIL", key="1", seconds_ago=9), due(kind="TEST_MAIL", key="2")
    assert deliver("mail", capsys) == 2
    assert [state_of(refused), state_of(sent)] == ["PENDING", "DONE"]
    assert "554" in Delivery.objects.get(pk=refused.pk).last_error
    (letter,) = mail_server.received
    assert str(sent.public_id) in letter["Message-ID"]


def test_the_command_leaves_deliveries_of_another_queue(
    registry: dict[str, list[int]], mail_server: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    job, mail = due(), due(kind="TEST_MAIL")
    assert deliver("documents", capsys) == 1
    assert registry == {"TEST_JOB": [job.pk], "TEST_MAIL": []}
    assert state_of(mail) == "PENDING"
    assert mail_server.received == []


@pytest.mark.parametrize("arguments", [["--queue", "nulle_part"], []], ids=["unknown", "missing"])
def test_an_unknown_or_missing_queue_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    delivery = due()
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(["manage.py", "deliver_outbox", *arguments])
    assert ended.value.code == 2
    assert "--queue" in capsys.readouterr().err
    assert state_of(delivery) == "PENDING"


def test_after_a_signal_the_current_delivery_ends_and_no_other_starts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kinds.register_job("STOPS", lambda _delivery, _at: os.kill(os.getpid(), signal.SIGTERM))
    done, left = due(kind="STOPS", seconds_ago=9), due(key="2")
    assert deliver("documents", capsys) == 1
    assert [state_of(done), state_of(left)] == ["DONE", "PENDING"]
    assert Delivery.objects.get(pk=left.pk).attempts == 0


def test_a_fallback_worker_performs_later_deliveries_until_its_signal(
    registry: dict[str, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    first = due()
    next_one: list[Delivery] = []

    def post_another() -> None:
        next_one.append(due(key="2"))
        connection.close()
        ends = time.monotonic() + 60
        while len(registry["TEST_JOB"]) < 2 and time.monotonic() < ends:
            time.sleep(LOOK / 2)
        os.kill(os.getpid(), signal.SIGTERM)

    begin(post_another, after=SOON)
    call_command("deliver_outbox", queue="documents", for_parent=True)
    assert registry["TEST_JOB"] == [first.pk, next_one[0].pk]
    assert capsys.readouterr().out == "", "it is read by no one"
    assert _watches_end()


def test_a_fallback_worker_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = os.getppid()
    ended = threading.Event()
    monkeypatch.setattr(os, "getppid", lambda: 1 if ended.is_set() else parent)
    begin(ended.set, after=SOON)
    begun = timezone.now()
    call_command("deliver_outbox", queue="documents", for_parent=True)
    assert timezone.now() - begun < timedelta(seconds=fallback_workers.LINGER_SECONDS / 2)
    assert _watches_end()


def _watches_end() -> bool:
    """True if no thread polls for a parent: a leaked one would poll for the rest of the process."""
    watches = [one for one in threading.enumerate() if one.name == deliver_outbox.WATCH]
    for watch in watches:
        watch.join(10)
    return not any(watch.is_alive() for watch in watches)


# -- sweep_outbox ---------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("as_the_application", "environment")
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.full)])
def test_the_sweep_wakes_workers_and_ends_at_its_signal(
    broker: Connection, number: int, signal_once_due: Callable[[Delivery, int], None]
) -> None:
    delivery = due(seconds_ago=-SOON)  # not yet due at the first look
    signal_once_due(delivery, number)
    call_command("sweep_outbox")
    assert broker.SimpleQueue("documents").qsize() >= 1
    assert state_of(delivery) == "PENDING", "a worker's to do"


@pytest.mark.usefixtures("as_the_application", "broker", "environment")
def test_the_sweep_survives_a_lost_database_connection(
    embedded_servers: Urls,
    caplog: pytest.LogCaptureFixture,
    signal_once_due: Callable[[Delivery, int], None],
) -> None:
    (cut,) = connection.cursor().execute("SELECT pg_backend_pid()").fetchone()
    later = due(seconds_ago=-2 * SOON)

    def cut_it() -> None:
        with psycopg.connect(embedded_servers.database_superuser, autocommit=True) as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s)", [cut])

    begin(cut_it, after=SOON)
    signal_once_due(later, signal.SIGTERM)
    with caplog.at_level(logging.WARNING):
        call_command("sweep_outbox")
    assert "the database does not answer the sweep (OperationalError)" in caplog.text
    assert wake.waiting_in("documents"), f"delivery {later.pk} is due since, and no worker knows"


@pytest.mark.usefixtures("as_the_application", "broker")
def test_the_sweep_stops_its_fallback_worker_when_it_ends(
    deputies: fallback_workers.FallbackWorkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    deputy = deputies._running["mail"] = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"]
    )
    monkeypatch.setattr(sweep_outbox, "FallbackWorkers", lambda _queues: deputies)
    send_signal(after=SOON)
    call_command("sweep_outbox")
    assert deputy.returncode == -signal.SIGTERM


@pytest.mark.usefixtures("as_the_application", "broker")
@pytest.mark.parametrize("asked, queues", [((), QUEUES), (("--queues", "uploads,mail"), ("uploads", "mail"))])
def test_the_sweep_performs_what_the_workers_of_its_queues_leave(
    asked: tuple[str, ...], queues: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def note(*, queue: str, limit: int, **_options: object) -> list[int]:
        if limit == 1:  # not the question of whom to wake
            looked_at.append(queue)
        return []

    monkeypatch.setattr(selectors, "workable_ids", note)
    send_signal(after=SOON)
    call_command("sweep_outbox", *asked)
    assert tuple(dict.fromkeys(looked_at)) == queues


def test_a_sweep_of_an_unknown_queue_is_refused() -> None:
    with pytest.raises(
        CommandError, match="'mail,fax': queues are filings, mail, receipts, documents, exports, uploads"
    ):
        call_command("sweep_outbox", "--queues", "mail,fax")


@pytest.mark.parametrize(
    "asked, missing", [(("--queues", "uploads,exports"), r"EMAIL_URL \("), ((), "EMAIL_URL, SIGNING_KEYS")]
)
def test_only_a_sweep_of_what_signs_needs_a_key(
    asked: tuple[str, ...], missing: str, settings: Settings
) -> None:
    settings.MISSING_FOR_SERVING, settings.MISSING_FOR_SIGNING = ("EMAIL_URL",), ("SIGNING_KEYS",)
    with pytest.raises(SystemExit, match=f"set {missing}"):
        call_command("sweep_outbox", *asked)


# -- Fallback workers -----------------------------------------------------------------------------------------------
@pytest.fixture
def deputies(environment: None) -> Iterator[fallback_workers.FallbackWorkers]:
    """Fallback workers on this test's database, stopped when the test ends."""
    del environment
    kinds.register_job("E2E_JOB", lambda _delivery, _at: None)
    made = fallback_workers.FallbackWorkers()
    yield made
    for process in made._running.values():
        process.kill()
        process.wait()


def test_a_neglected_queue_gets_exactly_one_fallback_worker(
    deputies: fallback_workers.FallbackWorkers,
) -> None:
    neglected, at = NEGLECTED_AFTER["documents"].total_seconds(), selectors.database_instant()
    fresh = due(kind="E2E_JOB", key="fraîche", seconds_ago=neglected - 3)
    deputies.start_for_neglected_queues(at=at)
    assert deputies._running == {}, "the workers may still take it"
    Delivery.objects.update(attempts=1, due_at=at - timedelta(seconds=neglected + 1))
    at += timedelta(seconds=neglected)
    deputies.start_for_neglected_queues(at=at)
    started = dict(deputies._running)
    assert list(started) == ["documents"]
    fallback = started["documents"].pid
    assert os.getsid(fallback) == fallback, "in another session, it has the priority of that one"
    deputies.start_for_neglected_queues(at=at)
    assert deputies._running == started
    ends = timezone.now() + timedelta(seconds=40)
    while state_of(fresh) != "DONE":
        assert timezone.now() < ends
        assert started["documents"].poll() is None
        threading.Event().wait(0.1)
    deputies.stop()
    assert started["documents"].returncode == 0


def test_a_fallback_worker_that_ended_is_replaced(deputies: fallback_workers.FallbackWorkers) -> None:
    ended = deputies._running["documents"] = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    due(kind="E2E_JOB", seconds_ago=60)
    at = selectors.database_instant()
    for look in (at, at + NEGLECTED_AFTER["documents"]):
        assert deputies._running["documents"] is ended
        deputies.start_for_neglected_queues(at=look)
    assert deputies._running["documents"] is not ended


@pytest.mark.parametrize("patience", [NEGLECTED_AFTER["mail"], NEGLECTED_AFTER["documents"]])
def test_a_queue_that_moves_on_gets_no_fallback_worker(
    patience: timedelta, deputies: fallback_workers.FallbackWorkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NEGLECTED_AFTER, "documents", patience)
    at, second = selectors.database_instant(), timedelta(seconds=SWEEP_INTERVAL_SECONDS)
    for rank in range(9):
        due(kind="E2E_JOB", key=f"{rank}", seconds_ago=60 - rank)
    for rank in range(8):
        deputies.start_for_neglected_queues(at=at + rank * second)
        Delivery.objects.filter(key=f"{rank}").update(state=Delivery.State.DONE, done_at=at)
    assert deputies._running == {}, "each look found another delivery first: workers are at work"
    assert _seconds_until_started(deputies, at=at + 8 * second) <= patience.total_seconds()


@pytest.mark.parametrize(
    "lasting, queue, seconds", [(9, "documents", 5), (-1, "documents", 2), (9, "filings", 2)]
)
def test_a_worker_has_the_time_of_a_lease_except_in_the_queue_of_filings(
    lasting: int,
    queue: str,
    seconds: int,
    deputies: fallback_workers.FallbackWorkers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(NEGLECTED_AFTER, "documents", NEGLECTED_AFTER["mail"])
    monkeypatch.setitem(kinds._kinds, "E2E_JOB", replace(kinds.get("E2E_JOB"), queue=queue))
    at = selectors.database_instant()
    due(kind="E2E_JOB", key="its own", seconds_ago=9)
    until = at + timedelta(seconds=lasting)
    Delivery.objects.update(state=Delivery.State.LEASED, leased_until=until, lease_token=uuid4())
    due(kind="E2E_JOB", key="next", seconds_ago=9)
    assert _seconds_until_started(deputies, at=at) == seconds


def _seconds_until_started(deputies: fallback_workers.FallbackWorkers, *, at: datetime) -> int:
    for seconds in range(30):
        deputies.start_for_neglected_queues(at=at + timedelta(seconds=seconds))
        if deputies._running:
            return seconds
    pytest.fail("no fallback worker was started")


def test_a_fallback_worker_that_does_not_stop_is_killed(
    deputies: fallback_workers.FallbackWorkers, settings: Settings
) -> None:
    settings.OUTBOX_LIMITS = {"mail": (0.5, 1)}
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    process = deputies._running["mail"] = subprocess.Popen(
        [sys.executable, "-c", deaf], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    begun = timezone.now()
    deputies.stop()
    assert process.returncode == -signal.SIGKILL
    assert timedelta(seconds=1) <= timezone.now() - begun < timedelta(seconds=20)


def test_the_priority_of_a_worker_is_never_raised() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as worker:
        at_first = os.getpriority(os.PRIO_PROCESS, worker.pid)
        lower_priority("documents", process=worker.pid)
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == max(at_first, NICE["documents"])
        lower_priority("filings", process=worker.pid)
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == max(at_first, NICE["documents"])
        worker.communicate(b"\n")


def test_the_session_of_a_worker_has_its_priority_among_sessions() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    ) as worker:
        among_sessions = Path(f"/proc/{worker.pid}/autogroup")
        if not among_sessions.exists():
            pytest.skip("this kernel knows no niceness of sessions")
        lower_priority("documents", process=worker.pid)
        niceness = os.getpriority(os.PRIO_PROCESS, worker.pid)
        assert among_sessions.read_text().split()[1:] == ["nice", str(niceness)]
        worker.communicate(b"\n")


def test_filings_precede_mails_receipts_and_dossiers() -> None:
    order = [NICE[queue] for queue in ("filings", "mail", "receipts", "documents")]
    assert order == sorted(set(order))
    assert order[0] in range(1, 4), (
        "behind the web, and close to it: else filings stop while many people arrive"
    )
