"""A module whose jobs are forked: writes what its process has, and does as it is told.

`main(ROOM, DEED)` writes `result.json` in ROOM before the deed.
"""

import ctypes
import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from intake.documents.child.limits import PARENT, exit_with_parent

seen: list[str] = []
_PR_SET_PDEATHSIG = 1  # prctl(2)


def prepare(text: str) -> None:
    """Keep `text` for the jobs; a text `thread` leaves one running, `fail` ends the process."""
    seen.append(text)
    tempfile.gettempdir()  # a library that asks keeps the answer for its process
    if text == "thread":
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    if text == "fail":
        sys.exit(3)


def main(room: Path, deed: str) -> None:
    """Write what this process has, then do the deed."""
    exit_with_parent()
    seen.append(room.name)
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    result = {
        "seen": seen,
        "files": sorted(
            {str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()}
        ),
        "shared": [line for line in lines if line.split()[1][1::2] == "ws"],
        "environment": dict(os.environ),
        "is_child": os.environ[PARENT] == str(os.getppid()),
        "folder": str(Path.cwd()),
        "pid": os.getpid(),
        "user": os.geteuid(),
        "temporary": tempfile.gettempdir(),
    }
    (room / "part.json").write_text(json.dumps(result), encoding="utf-8")
    (room / "part.json").rename(room / "result.json")
    if deed == "raise":
        raise ValueError
    if deed == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if deed == "hide and wait":  # leave the group, and survive the parent
        os.setsid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, 0, 0, 0, 0)
    if deed != "end":
        time.sleep(120)
