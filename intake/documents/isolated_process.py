"""Run a module of the portal in an isolated process that may be killed. Uploaded files are parsed only there.

It inherits no open file and no secret, and gets a directory of its own. It sets its own limits before it opens
anything, closes what it does not need (`child.confinement`), and ends with this process. Where this process is root's,
it belongs to another user.
"""

import atexit
import json
import logging
import os
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, Final

from django.conf import settings

from intake.documents.child.limits import PARENT
from intake.startup_checks import refuse

from .forking_process import ForkingProcess
from .temp_dirs import base_directory, check_room, temporary_directory

logger = logging.getLogger(__name__)
_ANOTHER_USER: Final = 65_301
"""User and group of an isolated process that root starts: no account has this number, so no other process or file."""
_ROOT = Path(__file__).resolve().parents[2]
_PROBE_SECONDS = 60
_WARM_SECONDS: Final = 60
"""A job that comes as soon as this after another is worth a process that has its libraries loaded."""
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
    prepared: str | None = None,
) -> int:
    """Run `python -m module arguments` in the directory `room`; return its exit code, negative for a signal.

    `room` is absolute and writable, and the caller removes it. Output is discarded: the module writes its results in
    `room`. It gets `environment` and the paths of the code and the system libraries, and no other variable. `readable`:
    the files outside `room` that it opens.

    With `prepared`, the text that `prepare` of the module takes, jobs that follow each other are forked from a process
    that has loaded the libraries and the text's files (`child.forking`), where the kernel closes all other doors.

    :raises NotConfinedError: in production, if the kernel refuses nothing to such processes.
    :raises OSError: if it failed and `room` takes no file, for which nothing that it read is to blame.
    :raises ProcessTimeoutError: if it did not end within `seconds` of wall clock.
    """
    if is_confinement_missing():
        raise NotConfinedError
    began = monotonic()
    try:
        ended = None
        if prepared is not None:
            ended = _run_forked(
                module,
                prepared,
                arguments,
                room=room,
                seconds=seconds,
                given=environment or {},
                readable=readable,
            )
        if ended is None:
            ended = _run(
                module, *arguments, room=room, seconds=seconds, environment=environment, readable=readable
            )
    except ProcessTimeoutError:
        logger.warning("process of %s killed after %d s", module, seconds)
        raise
    # It has no output: a file that it reads could write there.
    logger.info("process of %s ended with %d after %d ms", module, ended, (monotonic() - began) * 1000)
    _remove_special_files(room)
    if ended != 0:
        check_room(room)
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
            _command(module, *arguments),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=seconds,
            **_options(room, environment or {}, user),
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessTimeoutError from error
    return done.returncode


def _command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-P", "-s", "-m", module, *arguments]


def _options(room: Path, given: Mapping[str, str], user: int | None) -> dict[str, Any]:
    return {
        "cwd": room,
        "env": {**_environment(room), **given},
        "stderr": subprocess.DEVNULL,
        "close_fds": True,
        "process_group": 0,  # in the session of its worker, whose priority it has: see `lower_priority`
        "user": user,
        "group": user,
        "extra_groups": None if user is None else (),
    }


@dataclass(slots=True)
class _Kept:
    """The process from which this one has its jobs forked, what it was started for, and when the last job began."""

    process: ForkingProcess | None = None
    key: tuple[object, ...] = ()
    last: float = -_WARM_SECONDS

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.stop()
        self.process = None


_kept = _Kept()
atexit.register(_kept.stop)


def _run_forked(
    module: str,
    prepared: str,
    arguments: Sequence[str],
    *,
    room: Path,
    seconds: float,
    given: Mapping[str, str],
    readable: Sequence[Path],
) -> int | None:
    """Run a job in a process that is forked for it. None if it did not start.

    Not in a thread, with which such a process would end; nor where the kernel leaves a door open, since then a process
    could reach the one that forks the next. The first job of some time starts its own process.
    """
    is_first, _kept.last = monotonic() - _kept.last > _WARM_SECONDS, monotonic()
    if is_first or threading.current_thread() is not threading.main_thread() or not is_confined():
        return None
    user = _ANOTHER_USER if _hand_over(room, readable) else None
    if user is None and os.geteuid() == 0:
        return None
    process = _forking_process(module, prepared, given, user)
    if not process.is_usable:
        return None
    environment = {"HOME": str(room), "TMPDIR": str(room)}
    try:
        return process.run(arguments, room=room, environment=environment, seconds=seconds)
    except TimeoutError as error:
        raise ProcessTimeoutError from error


def _forking_process(
    module: str, prepared: str, given: Mapping[str, str], user: int | None
) -> ForkingProcess:
    """Return the process to fork such jobs from; start it if there is none, or another one."""
    key = (module, prepared, dict(given), user)
    if _kept.process is not None:
        if _kept.key == key and not _kept.process.is_to_be_replaced:
            return _kept.process
        _kept.stop()
    folder = Path(tempfile.mkdtemp(prefix="forking-", dir=base_directory()))
    if user is not None:
        os.chown(folder, user, user)
    command = _command("intake.documents.child.forking", module, prepared)
    _kept.key = key
    _kept.process = ForkingProcess(command, folder=folder, **_options(folder, given, user))
    if not _kept.process.is_usable:
        logger.warning("no process of %s can be forked here: each is started", module)
    return _kept.process


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


def is_confined() -> bool:
    """True if the kernel refuses everything that the probe tries to isolated processes."""
    access = refused_access()
    return bool(access) and all(access.values())


def is_confinement_missing() -> bool:
    """True in production if the kernel refuses nothing to isolated processes."""
    return getattr(settings, "CONFINEMENT_REQUIRED", False) and not any(refused_access().values())


def check_confinement() -> None:
    """Say in one line what the kernel refuses to the processes that open uploaded files.

    :raises SystemExit: in production, if it refuses nothing.
    """
    if is_confinement_missing():
        refuse(
            "the kernel confines no process that opens an uploaded file (docs/operations/environment.md says how)"
        )
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
