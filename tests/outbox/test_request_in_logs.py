"""One request in the logs of every process that works for it: web server, worker, and the process that draws a PDF."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.devtools import embedded
from intake.devtools.deadline_drill.candidates import sign_in
from intake.devtools.embedded.keeper import free_port
from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import RECEIPT_PDF
from tests.factories.submissions import make_draft
from tests.faults.http_client import click
from tests.settings.environment import ROOT

pytestmark = pytest.mark.servers
SECONDS = 120


def wait_for(what: Callable[[], object], folder: Path) -> None:
    ends = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < ends, [(log.name, log.read_text()) for log in folder.glob("*.log")]
        time.sleep(0.1)


@pytest.fixture
def port(
    served: None, embedded_servers: embedded.Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[int]:
    """Port of a web server, beside a worker of receipts. Each writes to a file of its name."""
    del served
    monkeypatch.setenv("CELERY_BROKER_URL", embedded_servers.broker)
    port = free_port()
    worker = ["celery", "--quiet", "--app", "intake.celery", "worker", "--queues", "receipts"]
    commands = {
        "web": ["gunicorn", "--bind", f"127.0.0.1:{port}", "--access-logfile", str(tmp_path / "access.log")],
        "worker": [*worker, "--concurrency", "1", "--loglevel", "info"],
    }
    started = []
    for name, command in commands.items():
        with (tmp_path / f"{name}.log").open("wb") as log:
            words = [sys.executable, "-m", *command]
            started.append(subprocess.Popen(words, cwd=ROOT, env=os.environ, stdout=log, stderr=log))
    yield port
    for process in started:
        process.terminate()
    for process in started:
        process.wait(SECONDS)


def test_the_reference_of_a_filing_is_in_the_lines_of_each_process(port: int, tmp_path: Path) -> None:
    person = sign_in(make_draft())
    wait_for(lambda: "ready" in (tmp_path / "worker.log").read_text(), tmp_path)
    wait_for((tmp_path / "access.log").exists, tmp_path)
    assert click(("127.0.0.1", port), person).status == 302
    wait_for(Delivery.objects.filter(kind=RECEIPT_PDF, state="DONE").exists, tmp_path)

    (answer,) = [
        line
        for line in map(json.loads, (tmp_path / "access.log").read_text().splitlines())
        if line["route"] == "submissions:file"
    ]
    reference = answer["reference"]
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}", reference)
    assert set(
        Delivery.objects.exclude(request_reference="-").values_list("request_reference", flat=True)
    ) == {reference}
    wait_for(lambda: "is done" in (tmp_path / "worker.log").read_text(), tmp_path)
    of_request = [line for line in (tmp_path / "worker.log").read_text().splitlines() if reference in line]
    assert [
        re.findall(r"process of \S+ ended with 0|delivery \S+ \(\w+\) is done", line) for line in of_request
    ] == [
        ["process of intake.dossiers.child ended with 0"],
        [f"delivery {Delivery.objects.get(kind=RECEIPT_PDF).public_id} (RECEIPT_PDF) is done"],
    ]
    assert person.path not in (tmp_path / "worker.log").read_text()
