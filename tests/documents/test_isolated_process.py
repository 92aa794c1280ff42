"""The isolated process has no environment of ours, ends within its time, and applies its limits."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from intake.documents import isolated_process
from intake.documents.child.limits import HEIC_INSPECTION, INSPECTION, PARENT, Limits
from intake.documents.isolated_process import ProcessTimeoutError, run_isolated
from intake.dossiers.child.sandbox import DRAWING, READING

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "SECRET_KEY": "cle-secrete",
    "DATABASE_URL": "postgres://portail:motdepasse@db/portail",
    "SIGNING_KEYS": "cle-qui-signe",
}
SAYS_ITS_LIMITS = """
import json, resource, sys
from intake.documents.child.limits import Limits
Limits(*json.loads(sys.argv[1])).apply()
names = ("CPU", "AS", "FSIZE", "NOFILE", "CORE", "NPROC")
print(json.dumps([resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in names]))
"""


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program, to be written by the test, that runs in Python's place."""
    program = tmp_path / "python"
    program.touch(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


def test_an_isolated_process_gets_no_secret_and_no_open_file(
    instead: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bibliotheques")
    instead.write_text(
        "#!/bin/sh\necho $* > seen.txt\n/usr/bin/env >> seen.txt\nls -l /proc/self/fd >> seen.txt 2>&1\n"
    )
    room = tmp_path / "room"
    room.mkdir()
    with (tmp_path / "held-by-the-parent.txt").open("w") as held:
        os.set_inheritable(held.fileno(), True)  # noqa: FBT003 -- the standard library's own signature
        assert run_isolated("a.module", "one", room=room, seconds=300, environment={"MORE": "given"}) == 0
    seen = (room / "seen.txt").read_text()
    assert seen.startswith("-P -s -m a.module one\n")
    for given in ("LC_ALL=C.UTF-8", f"HOME={room}", f"TMPDIR={room}", "MORE=given", "/bibliotheques"):
        assert given in seen
    for secret in (*SECRETS.values(), "held-by-the-parent"):
        assert secret not in seen


def test_an_isolated_process_is_killed_after_its_time_limit(instead: Path, tmp_path: Path) -> None:
    instead.write_text("#!/bin/sh\nexec sleep 60\n")
    started = time.monotonic()
    with pytest.raises(ProcessTimeoutError):
        run_isolated("a.module", room=tmp_path, seconds=0.3)
    assert time.monotonic() - started < 10


def test_an_isolated_process_shares_the_session_of_its_worker_in_a_group_of_its_own(
    instead: Path, tmp_path: Path
) -> None:
    """The kernel gives each session a share of the processors, whatever the niceness of its processes."""
    instead.write_text("#!/bin/sh\necho $$ $(cut -d ' ' -f 5,6 /proc/$$/stat) > seen.txt\n")
    assert run_isolated("a.module", room=tmp_path, seconds=300) == 0
    process, group, session = map(int, (tmp_path / "seen.txt").read_text().split())
    assert (group, session) == (process, os.getsid(0))


@pytest.mark.parametrize("script, ended", [("exit 3", 3), ("kill -9 $$", -9)])
def test_the_exit_code_or_signal_of_the_process_is_returned(
    script: str, ended: int, instead: Path, tmp_path: Path
) -> None:
    instead.write_text(f"#!/bin/sh\n{script}\n")
    assert run_isolated("a.module", room=tmp_path, seconds=300) == ended


STARTS_AND_WAITS = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure()
from intake.documents.isolated_process import run_isolated
room = Path(sys.argv[1])
run_isolated(sys.argv[2], *sys.argv[3:], room=room, seconds=300)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux alone knows how")
@pytest.mark.parametrize(
    "module, arguments, waits_on",
    [
        ("intake.documents.child", ["{room}/sent", "{room}", "3"], "sent"),
        ("intake.dossiers.child", ["{room}"], "job.json"),
        ("intake.dossiers.child.receipt_reader", ["{room}"], "keys.json"),
    ],
    ids=["inspection", "drawing", "reading"],
)
def test_an_isolated_process_ends_with_its_parent(
    module: str, arguments: list[str], waits_on: str, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / waits_on)
    given = [argument.format(room=tmp_path) for argument in arguments]
    command = [sys.executable, "-P", "-c", STARTS_AND_WAITS, str(tmp_path), module, *given]
    with subprocess.Popen(command, env={"PYTHONPATH": str(ROOT)}) as starter:
        writer = soon(lambda: os.open(tmp_path / waits_on, os.O_WRONLY | os.O_NONBLOCK))
        starter.kill()
    try:
        assert soon(lambda: is_read_no_more(writer))
    finally:
        os.close(writer)


def soon[T](look: Callable[[], T]) -> T:
    """Call `look` until it raises no OSError, for 60 s at most. Return its result."""
    until = time.monotonic() + 60
    while True:
        try:
            return look()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def is_read_no_more(writer: int) -> bool:
    try:
        os.write(writer, b" ")
    except BrokenPipeError:
        return True
    raise BlockingIOError


@pytest.mark.parametrize("started_by, said", [(os.getpid(), b"on\n"), (1 << 22, b"")], ids=["there", "gone"])
def test_an_isolated_process_does_not_start_without_its_parent(started_by: int, said: bytes) -> None:
    program = "from intake.documents.child.limits import exit_with_parent as e; e(); print('on')"
    command = [sys.executable, "-P", "-c", program]
    environment = {"PYTHONPATH": str(ROOT), PARENT: str(started_by)}
    assert subprocess.run(command, env=environment, check=False, capture_output=True).stdout == said


@pytest.mark.parametrize(
    "limits",
    [INSPECTION, HEIC_INSPECTION, DRAWING, READING],
    ids=["inspection", "HEIC", "drawing", "reading"],
)
def test_it_applies_its_limits_to_itself(limits: Limits) -> None:
    cpu, space, written, files, threads = astuple(limits)
    command = [sys.executable, "-P", "-c", SAYS_ITS_LIMITS, json.dumps(astuple(limits))]
    said = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True).stdout
    held = dict(zip(("CPU", "AS", "FSIZE", "NOFILE", "CORE", "NPROC"), json.loads(said), strict=True))
    before = list(resource.getrlimit(resource.RLIMIT_NPROC))
    assert held.pop("NPROC") == (before if threads else [0, 0])
    if sys.platform == "darwin":  # macOS cannot limit an address space
        held["AS"] = [space, space]
    assert list(held.values()) == [
        [cpu, cpu + 1],
        *([limit, limit] for limit in (space, written, files)),
        [0, 0],
    ]


def test_links_and_pipes_of_an_isolated_process_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, room = tmp_path / "secret", tmp_path / "room"
    secret.write_text("a key")
    (room / "within").mkdir(parents=True)

    def run(_command: list[str], **_options: Any) -> Any:
        (room / "kept.pdf").write_text("kept")
        for link in ("clean.pdf", "within/clean.pdf"):
            (room / link).symlink_to(secret)
        (room / "folder").symlink_to(tmp_path)
        os.mkfifo(room / "result.json")
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(isolated_process.subprocess, "run", run)  # type: ignore[attr-defined]  # -- it imports subprocess
    assert isolated_process.run_isolated("a.module", room=room, seconds=7) == 0
    assert sorted(path.name for path in room.rglob("*")) == ["kept.pdf", "within"]
    assert secret.read_text() == "a key"
