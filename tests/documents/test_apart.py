"""A process apart knows nothing of ours, ends in its time, and holds itself to its limits."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from intake.documents.apart import OutOfTimeError, run_apart
from intake.documents.child.limits import INSPECTION, Limits
from intake.dossiers.child.fence import DRAWING, READING

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
names = ("CPU", "AS", "FSIZE", "NOFILE", "CORE")
print(json.dumps([resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in names]))
"""


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program, still to be written, that is run in Python's place."""
    program = tmp_path / "python"
    program.touch(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


def test_it_is_given_no_secret_and_no_open_file(
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
        assert run_apart("a.module", "one", room=room, seconds=300, environment={"MORE": "given"}) == 0
    seen = (room / "seen.txt").read_text()
    assert seen.startswith("-P -s -m a.module one\n")
    for given in ("LC_ALL=C.UTF-8", f"HOME={room}", f"TMPDIR={room}", "MORE=given", "/bibliotheques"):
        assert given in seen
    for secret in (*SECRETS.values(), "held-by-the-parent"):
        assert secret not in seen


def test_it_is_killed_once_its_time_is_over(instead: Path, tmp_path: Path) -> None:
    instead.write_text("#!/bin/sh\nexec sleep 60\n")
    started = time.monotonic()
    with pytest.raises(OutOfTimeError):
        run_apart("a.module", room=tmp_path, seconds=0.3)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("script, ended", [("exit 3", 3), ("kill -9 $$", -9)])
def test_how_it_ended_is_told(script: str, ended: int, instead: Path, tmp_path: Path) -> None:
    instead.write_text(f"#!/bin/sh\n{script}\n")
    assert run_apart("a.module", room=tmp_path, seconds=300) == ended


@pytest.mark.parametrize(
    "limits, cpu, space, written, files",
    [
        (INSPECTION, 4, 480 * 2**20, 64 * 2**20, 64),
        (DRAWING, 30, 2**30, 256 * 2**20, 256),
        (READING, 5, 2**30, 256 * 2**20, 256),
    ],
    ids=["inspection", "drawing", "reading"],
)
def test_it_holds_itself_to_its_limits(
    limits: Limits, cpu: int, space: int, written: int, files: int
) -> None:
    given = json.dumps([cpu, space, written, files])
    command = [sys.executable, "-P", "-c", SAYS_ITS_LIMITS, given]
    said = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True).stdout
    assert Limits(*json.loads(given)) == limits
    held = dict(zip(("CPU", "AS", "FSIZE", "NOFILE", "CORE"), json.loads(said), strict=True))
    if sys.platform == "darwin":  # it refuses to limit an address space
        held["AS"] = [space, space]
    assert list(held.values()) == [
        [cpu, cpu + 1],
        [space, space],
        [written, written],
        [files, files],
        [0, 0],
    ]
