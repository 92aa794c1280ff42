"""The processes of make run."""

import os
import signal
import socket
from pathlib import Path

import pytest

from intake.devtools.embedded import EmbeddedError, run
from intake.devtools.embedded.keeper import free_port
from intake.devtools.embedded.places import EmbeddedPaths
from intake.devtools.embedded.run import chosen_port, processes


def test_a_free_port_is_used_unchanged() -> None:
    port = free_port()
    assert chosen_port({"PORT": str(port)}) == port


@pytest.mark.parametrize("text", ["http", "-1", "0", "65536", "80.5"])
def test_an_invalid_port_is_refused(text: str) -> None:
    with pytest.raises(EmbeddedError, match="is not a port"):
        chosen_port({"PORT": text})


def test_a_port_in_use_is_refused_with_one_line_of_advice() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EmbeddedError) as refusal:
            chosen_port({"PORT": str(port)})
    assert str(refusal.value) == f"port {port} is in use: choose another one, as in make run PORT=8001."


def test_receipts_never_wait_behind_dossiers() -> None:
    commands = processes(Path("/data"), port=8000, smtp_port=1025).values()
    queues = [command[command.index("--queues") + 1] for command in commands if "--queues" in command]
    assert sorted(queues) == ["documents", "exports", "filings", "mail", "receipts", "uploads"]


def test_the_workers_start_once_the_web_server_has_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, answered = tmp_path / "log", EmbeddedPaths(tmp_path).answered_file
    EmbeddedPaths(tmp_path).prepare()
    answered.touch()  # of an earlier run
    note = f"import pathlib, time; log = pathlib.Path({str(log)!r}); log.open('a').write(%r); "
    begun = {
        "portal": f"time.sleep(0.5); log.open('a').write('answer '); pathlib.Path({str(answered)!r}).touch()\n"
        "while 'exports' not in log.read_text(): time.sleep(0.05)",
        "exports": "time.sleep(60)",
    }
    monkeypatch.setattr(
        run,
        "processes",
        lambda *_folder, **_ports: {name: ["-c", note % f"{name} " + code] for name, code in begun.items()},
    )
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert run.supervise(tmp_path, os.environ, 8000, owner="postgres://owner@db/a") == 0
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert log.read_text() == "portal answer exports "
