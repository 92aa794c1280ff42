"""Sweeps and beat write signs of life; the check of a container, and the portal, see one that stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now

from intake.devtools.embedded import Urls
from intake.outbox import heartbeats
from intake.outbox.heartbeats import PROCESSES, SWEEPS, WORKERS, Heart, last_beats, named_for
from intake.outbox.models import Heartbeat
from intake.outbox.policy import BEAT_SECONDS, QUEUES, SILENT_SECONDS
from tests.house import processes as house
from tests.house.processes import command_of
from tests.outbox.conftest import application_address

COMMANDS = {
    "beat": ["-m", "celery", "--app", "intake.celery", "beat", "--pidfile="],
    "filing-sweeper": ["manage.py", "sweep_outbox", "--queues", "filings"],
    "filer": ["-m", "celery", "--app", "intake.celery", "worker", "--queues", "filings"],
}


@pytest.mark.parametrize("among", [SWEEPS, WORKERS], ids=["sweeps", "workers"])
def test_the_processes_that_beat_are_those_of_the_list_of_processes(among: dict[str, frozenset[str]]) -> None:
    for name in among:
        command = command_of(name)
        assert named_for(command[command.index("--queues") + 1].split(","), among) == [name]
    assert named_for(QUEUES, among) == [*among]
    assert named_for([], among) == []


def test_each_process_that_always_runs_and_answers_no_request_is_listened_to() -> None:
    assert set(PROCESSES) == house.PROCESSES.keys() - house.ONCE - {"web", "metrics"}


@pytest.mark.django_db
def test_a_process_writes_a_sign_at_most_every_twenty_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [1000.0]
    monkeypatch.setattr(heartbeats, "monotonic", lambda: passed[0])
    heart = Heart("sweeper", "filing-sweeper")
    heart.beat()
    assert {beat.process: beat.is_silent for beat in last_beats()} == dict.fromkeys(PROCESSES, True) | {
        "sweeper": False,
        "filing-sweeper": False,
    }
    Heartbeat.objects.update(at=F("at") - timedelta(seconds=SILENT_SECONDS + 1))
    passed[0] += BEAT_SECONDS - 1
    heart.beat()
    assert all(beat.is_silent for beat in last_beats())
    passed[0] += 1
    heart.beat()
    assert [beat.process for beat in last_beats() if not beat.is_silent] == ["sweeper", "filing-sweeper"]


@pytest.mark.django_db
def test_the_latest_machine_counts_and_machines_of_yesterday_are_forgotten() -> None:
    for machine, hours in (("before", 25), ("other", 2)):
        Heartbeat.objects.create(process="beat", machine=machine, at=Now() - timedelta(hours=hours))
    Heart("beat").beat()
    assert sorted(Heartbeat.objects.values_list("machine", flat=True)) == sorted(
        ["other", socket.gethostname()]
    )
    assert last_beats()[0].seconds == pytest.approx(0, abs=5)


@pytest.mark.django_db(transaction=True)
def test_a_sign_is_written_once_the_database_answers_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OperationalError

    heart = Heart("beat")
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", fail)
        heart.beat()
    assert caplog.messages == ["the database takes no sign of life (OperationalError)"]
    assert last_beats()[0].is_silent
    heart.beat()
    assert not last_beats()[0].is_silent


@pytest.fixture
def environment(embedded_servers: Urls, tmp_path: Path) -> dict[str, str]:
    """Processes that use this test's database."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.outbox.worker.settings",
        "E2E_DATABASE": json.dumps(application_address(embedded_servers)),
        "E2E_BROKER": embedded_servers.broker,
        "E2E_SMTP": "smtp://127.0.0.1:9",
        "E2E_FOLDER": str(tmp_path),
        "DATABASE_URL": "named so that no server starts",
    }


@pytest.fixture(params=[*COMMANDS])
def running(
    request: pytest.FixtureRequest, environment: dict[str, str]
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """One of the processes, and its name."""
    process = subprocess.Popen([sys.executable, *COMMANDS[request.param]], env=environment)
    yield request.param, process
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_the_check_of_a_container_fails_on_a_process_that_is_stopped(
    running: tuple[str, "subprocess.Popen[bytes]"], environment: dict[str, str]
) -> None:
    name, process = running

    def check() -> tuple[int, str]:
        command = [sys.executable, "-m", "intake.healthcheck", name]
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return answer.returncode, answer.stderr

    assert check() == (1, f"{name} has written no sign of life\n")
    ends = time.monotonic() + 60
    while not Heartbeat.objects.filter(process=name).exists():
        assert process.poll() is None
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert check() == (0, "")
    process.send_signal(signal.SIGSTOP)
    Heartbeat.objects.update(at=F("at") - timedelta(seconds=SILENT_SECONDS))
    time.sleep(1)
    code, said = check()
    assert (code, said.split(" for ")[0]) == (1, f"{name} is silent")
    environment["E2E_DATABASE"] = environment["E2E_DATABASE"].replace('"intake_app"', '"nobody"')
    assert check() == (1, "the database does not answer: OperationalError\n")
