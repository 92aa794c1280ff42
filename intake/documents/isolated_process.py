"""Run a module of the portal in an isolated process that may be killed. Uploaded files are parsed only there.

It inherits no open file and no secret, and gets a directory of its own. It sets its own limits before it opens
anything, closes what it does not need (`child.confinement`), and ends with this process.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.conf import settings

from intake.documents.child.limits import PARENT
from intake.startup_checks import refuse

from .temp_dirs import temporary_directory

_ROOT = Path(__file__).resolve().parents[2]
_PROBE_SECONDS = 60
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


@cache
def refused_access() -> dict[str, bool]:
    """Return by kind of access, such as `files` or `sockets`, whether the kernel refuses it to isolated processes here.

    One process tries all, once for this process. Empty if it could not.
    """
    with temporary_directory("probe") as room:
        try:
            run_isolated("intake.documents.child.access_probe", str(room), room=room, seconds=_PROBE_SECONDS)
            found: dict[str, bool] = json.loads((room / "result.json").read_bytes())
        except (ProcessTimeoutError, OSError, ValueError):
            return {}
    return found


def check_confinement() -> None:
    """Say in one line what the kernel refuses to the processes that open uploaded files.

    :raises SystemExit: in production, if it refuses nothing.
    """
    access = refused_access()
    refused = [name for name, is_refused in access.items() if is_refused]
    if not refused and getattr(settings, "CONFINEMENT_REQUIRED", False):
        refuse("the kernel confines no process that opens an uploaded file (docs/running.md says how)")
    permitted = [name for name in access if name not in refused]
    sys.stderr.write(
        f"intake: refused to document processes: {', '.join(refused) or 'nothing'}"
        f"{'; permitted: ' + ', '.join(permitted) if permitted else ''}\n"
    )


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
