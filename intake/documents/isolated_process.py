"""Run a module of the portal in an isolated process that may be killed. Uploaded files are parsed only there.

It inherits no open file and no secret, and gets a directory of its own. It sets its own limits before it opens
anything, closes what it does not need (`child.confinement`), and ends with this process. Where this process is root's,
it belongs to another user.
"""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from intake.documents.child.limits import PARENT
from intake.startup_checks import refuse

from .temp_dirs import base_directory, temporary_directory

_ANOTHER_USER: Final = 65_301
"""User and group of an isolated process that root starts: no account has this number, so no other process or file."""
_ROOT = Path(__file__).resolve().parents[2]
_PROBE_SECONDS = 60
_LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


class ProcessTimeoutError(Exception):
    """The process exceeded its time limit and was killed."""

    code = "OUT_OF_TIME"


class NotConfinedError(Exception):
    """The kernel confines no process here, and the settings require that it does (`CONFINEMENT_REQUIRED`)."""

    code = "NOT_CONFINED"


def run_isolated(
    module: str,
    *arguments: str,
    room: Path,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    readable: Sequence[Path] = (),
) -> int:
    """Run `python -m module arguments` in the directory `room`; return its exit code, negative for a signal.

    `room` is absolute and writable, and the caller removes it. Output is discarded: the module writes its results in
    `room`. It gets `environment` and the paths of the code and the system libraries, and no other variable. `readable`:
    the files outside `room` that it opens.

    :raises NotConfinedError: in production, if the kernel refuses nothing to such processes.
    :raises ProcessTimeoutError: if it did not end within `seconds` of wall clock.
    """
    if is_confinement_missing():
        raise NotConfinedError
    ended = _run(module, *arguments, room=room, seconds=seconds, environment=environment, readable=readable)
    _remove_special_files(room)
    return ended


def _run(
    module: str,
    *arguments: str,
    room: Path,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    readable: Sequence[Path] = (),
) -> int:
    user = _ANOTHER_USER if _hand_over(room, readable) else None
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
            user=user,
            group=user,
            extra_groups=None if user is None else (),
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessTimeoutError from error
    return done.returncode


def _remove_special_files(room: Path) -> None:
    """Remove what is neither a file nor a directory: this process would follow a link, or wait for a pipe.

    Where Landlock confines the process, it can make none.
    """
    for folder, folders, files in room.walk():
        for path in (folder / name for name in (*folders, *files)):
            if not stat.S_ISREG(mode := path.lstat().st_mode) and not stat.S_ISDIR(mode):
                path.unlink()


@cache
def refused_access() -> dict[str, bool]:
    """Return by kind of access, such as `files` or `sockets`, whether the kernel refuses it to isolated processes here.

    One process tries all, once for this process. Empty if it could not.
    """
    with temporary_directory("probe") as room:
        try:
            _run("intake.documents.child.access_probe", str(room), room=room, seconds=_PROBE_SECONDS)
            found: dict[str, bool] = json.loads((room / "result.json").read_bytes())
        except (ProcessTimeoutError, OSError, ValueError):
            return {}
    return found


def is_confinement_missing() -> bool:
    """True in production if the kernel refuses nothing to isolated processes."""
    return getattr(settings, "CONFINEMENT_REQUIRED", False) and not any(refused_access().values())


def check_confinement() -> None:
    """Say in one line what the kernel refuses to the processes that open uploaded files.

    :raises SystemExit: in production, if it refuses nothing.
    """
    if is_confinement_missing():
        refuse("the kernel confines no process that opens an uploaded file (docs/running.md says how)")
    access = refused_access()
    refused = [name for name, is_refused in access.items() if is_refused]
    permitted = [name for name in access if name not in refused]
    sys.stderr.write(
        f"intake: refused to document processes: {', '.join(refused) or 'nothing'}"
        f"{'; permitted: ' + ', '.join(permitted) if permitted else ''}\n"
    )


def _hand_over(room: Path, readable: Sequence[Path]) -> bool:
    """Give `room` and the temporary directories of `readable` to the other user; return whether the process is theirs.

    It is if this process is root's, and if the other user can read the code and what stays root's.
    """
    base = base_directory()
    if os.geteuid() != 0 or not room.is_relative_to(base):
        return False
    given = [room, *(path for path in readable if path.is_relative_to(base))]
    kept = [*(path for path in readable if path not in given), _ROOT, Path(sys.prefix), Path(sys.base_prefix)]
    if not all(map(_is_readable_by_all, kept)):
        return False
    try:
        for top in {base / path.relative_to(base).parts[0] for path in given}:
            for path in (top, *top.rglob("*")):
                os.chown(path, _ANOTHER_USER, _ANOTHER_USER)
    except OSError:  # a container may refuse it to its root
        return False
    return True


def _is_readable_by_all(path: Path) -> bool:
    real = path.resolve()
    return bool(real.stat().st_mode & 0o004) and all(one.stat().st_mode & 0o001 for one in real.parents)


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
