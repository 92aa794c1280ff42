"""Run one of our own modules in a process apart, which may be killed: what strangers send is read there alone.

It is given nothing of this one: no open file, no secret in the environment, a directory of its own. What else it may
use, it lowers by itself (`child.limits`) before it opens anything; and it ends with this one (`child.parent`).
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from intake.documents.child.parent import PARENT

_ROOT = Path(__file__).resolve().parents[2]
_LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


class ProcessTimeoutError(Exception):
    """The process did not end in the time that it was given, and was killed."""

    code = "OUT_OF_TIME"


def run_isolated(
    module: str, *arguments: str, room: Path, seconds: float, environment: Mapping[str, str] | None = None
) -> int:
    """Run `python -m module arguments` in the directory `room`, and return how it ended, below 0 if by a signal.

    `room` is the caller's: writable, absolute, removed by the caller. Nothing that it prints is kept: what it has to
    say, it leaves in `room`. It sees `environment`, where our code and the machine's libraries are, and nothing else.

    :raises OutOfTimeError: it had not ended after `seconds` of wall clock.
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
        "MALLOC_ARENA_MAX": "1",  # glibc's arenas would eat the address space
        "LC_ALL": "C.UTF-8",
        PARENT: str(os.getpid()),
        "HOME": str(room),
        "TMPDIR": str(room),
    }
