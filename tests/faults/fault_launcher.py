"""Start a process of the portal with its points: `python -m tests.faults.fault_launcher ROLE ARGUMENTS…`.

A file `armed.<number>` in `FAULTS_FOLDER` arms a point; the first process to reach it renames the file to
`fired.<number>` and fails as the point defines. An unarmed point costs one failed rename.
"""

import contextlib
import functools
import importlib
import os
import resource
import runpy
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import psutil

from tests.faults.failure_points import POINTS, Point

SOON_SECONDS = 0.4
NO_ROOM_SECONDS = 1.0
SMALLEST_DISK = 1024  # maximum bytes of a file while the disk is full
_FOLDERS = {
    "pending file": "documents/pending/",
    "clean file": "documents/clean/",
    "original file": "documents/received/",
    "dossier file": "dossiers/",
    "receipt file": "receipts/",
}
_OPERATIONS = {
    "receiving": ("web", "intake.submissions.attachments.views:receive_upload"),
    "attaching": ("uploads", "intake.submissions.attachments.inspecting:attach_inspected"),
    "filing": ("web", "intake.submissions.filing.views:file_if_room"),
    "filing of an arrival": ("filings", "intake.submissions.filing.arrivals:_file_next"),
}
"""Functions that a thread performs, with their role, so that a point can match only the commit of one of them."""
_here = threading.local()


def main() -> None:
    """Install the points of a role, then run its module or script as Python itself would."""
    role, *rest = sys.argv[1:]
    django.setup()
    install(role)
    if rest[0] == "-m":
        sys.argv = rest[1:]
        runpy.run_module(rest[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = rest
        sys.path.insert(0, str(Path(rest[0]).parent))
        runpy.run_path(rest[0], run_name="__main__")


def install(role: str) -> None:
    """Wrap the functions at which processes of `role` fail."""
    for name, (of, where) in _OPERATIONS.items():
        if of == role:
            _mark(name, where)
    for number, point in enumerate(POINTS):
        if point.role == role:
            _wrap(number, point)
    if role == "web":
        _leave_arrivals()


def _find(where: str) -> tuple[Any, str]:
    module, _colon, path = where.partition(":")
    owner: Any = importlib.import_module(module)
    *through, name = path.split(".")
    for step in through:
        owner = getattr(owner, step)
    return owner, name


def _mark(operation: str, where: str) -> None:
    """Mark the thread while it performs `operation`."""
    owner, name = _find(where)
    original = getattr(owner, name)

    @functools.wraps(original)
    def marked(*args: Any, **options: Any) -> Any:
        _here.operation = operation
        try:
            return original(*args, **options)
        finally:
            _here.operation = ""

    setattr(owner, name, marked)


def _leave_arrivals() -> None:
    """Have no room to file what arrives while a point is armed that workers reach."""
    from intake.submissions.filing import arrivals  # noqa: PLC0415 -- needs the settings

    folder = Path(os.environ["FAULTS_FOLDER"])
    flags = [folder / f"armed.{number}" for number, point in enumerate(POINTS) if point.leaves_arrival]
    owner, name = _find("intake.submissions.filing.views:receive_arrival")
    original = getattr(owner, name)

    @functools.wraps(original)
    def received(*args: Any, **options: Any) -> Any:
        arrival = original(*args, **options)
        if any(flag.exists() for flag in flags) and arrivals._slot.acquire(blocking=False):
            threading.Timer(NO_ROOM_SECONDS, arrivals._slot.release).start()
        return arrival

    setattr(owner, name, received)


def _wrap(number: int, point: Point) -> None:
    owner, name = _find(point.where)
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(*args: Any, **options: Any) -> Any:
        with contextlib.ExitStack() as after:
            if point.moment == "before" and _is_meant(point, args, None) and _claim(number):
                _ACTS[point.act](after)
            result = original(*args, **options)
            if point.moment == "after" and _is_meant(point, args, result) and _claim(number):
                _ACTS[point.act](after)
            return result

    setattr(owner, name, wrapped)


def _is_meant(point: Point, args: tuple[Any, ...], result: Any) -> bool:
    if point.only in _OPERATIONS:
        return getattr(_here, "operation", "") == point.only
    if point.only == "result":
        return bool(result)
    if point.only in _FOLDERS:
        return str(args[1]).startswith(_FOLDERS[point.only])
    return True


def _claim(number: int) -> bool:
    folder = Path(os.environ["FAULTS_FOLDER"])
    try:
        (folder / f"armed.{number}").rename(folder / f"fired.{number}")
    except FileNotFoundError:
        return False
    return True


def _die(_after: contextlib.ExitStack) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_soon(_after: contextlib.ExitStack) -> None:
    threading.Timer(SOON_SECONDS, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()


def _kill_children_soon(_after: contextlib.ExitStack) -> None:
    def kill() -> None:
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()

    threading.Timer(SOON_SECONDS, kill).start()


def _cut(_after: contextlib.ExitStack) -> None:
    """End this thread's own database session, as an administrator of the database could."""
    from django.db import Error, connection  # noqa: PLC0415 -- needs the settings

    with contextlib.suppress(Error), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def _fill_the_disk(after: contextlib.ExitStack) -> None:
    """Limit the size of files that this process writes, until the call ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALLEST_DISK, hard))
    after.callback(resource.setrlimit, resource.RLIMIT_FSIZE, (soft, hard))


_ACTS: dict[str, Callable[[contextlib.ExitStack], None]] = {
    "die": _die,
    "die soon": _die_soon,
    "kill children soon": _kill_children_soon,
    "cut": _cut,
    "fill the disk": _fill_the_disk,
}

if __name__ == "__main__":
    main()
