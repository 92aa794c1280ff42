"""Run a module of the portal in an isolated process that may be killed. Uploaded files are parsed only there.

It inherits no open file and no secret, and gets a directory of its own. It sets its own limits before it opens
anything, and ends with this process (`child.limits`).
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from intake.documents.child.limits import PARENT

_ROOT = Path(__file__).resolve().parents[2]
_LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


class ProcessTimeoutError(Exception):
    """The process exceeded its time limit and was killed."""

    code = "OUT_OF_TIME"


def run_isolated(
    module: str, *arguments: str, room: Path, seconds: float, environment: Mapping[str, str] | None = None
) -> int:
    """Run `python -m module arguments` in the directory `room`; return its exit code, negative for a signal.

    `room` is absolute and writable, and the caller removes it. Output is discarded: the module writes its results in
    `room`. It gets `environment` and the paths of the code and the system libraries, and no other variable.

    :raises ProcessTimeoutError: if it did not end within `seconds` of wall clock.
    """
    try:
        done = subprocess.run(  # noqa: S603 -- our own module, no shell
            [sys.executable, "-P", "-s", "-m", module, *arguments],
            check=False,
            cwd=room,
            env={**_environment(room), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            close_fds=True,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessTimeoutError from error
    return done.returncode


def _environment(room: Path) -> dict[str, str]:
    return {name: os.environ[name] for name in _LIBRARIES if name in os.environ} | {
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",  # glibc's arenas would use up the address space
        "LC_ALL": "C.UTF-8",
        PARENT: str(os.getpid()),
        "HOME": str(room),
        "TMPDIR": str(room),
    }
