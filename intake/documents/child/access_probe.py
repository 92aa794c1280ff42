"""Try what a process that opens hostile files could misuse: `python -m intake.documents.child.access_probe ROOM`.

Writes `result.json` in the directory ROOM: by kind of access, true if the kernel refuses it.
"""

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from intake.documents.child.confinement import confine
from intake.documents.child.limits import INSPECTION, exit_with_parent

_PR_GET_NO_NEW_PRIVS: Final = 39  # prctl(2)
_OUTSIDE: Final = "/etc/passwd"  # readable by every user


def _raise_privileges() -> None:
    if ctypes.CDLL(None).prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1:
        raise PermissionError


def _act_as_root() -> None:
    if os.geteuid() != 0:
        raise PermissionError


def _read() -> None:
    os.close(os.open(_OUTSIDE, os.O_RDONLY))


def _connect() -> None:
    socket.socket().close()


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _run_program() -> None:
    try:
        os.execv("/nonexistent/program", ["program"])  # noqa: S606 -- it must be refused
    except FileNotFoundError:
        return


def _signal() -> None:
    os.kill(os.getppid(), 0)


def _change_file() -> None:
    Path().chmod(0o700)  # its own directory: as any file of its user


def _change_priority() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0))


PROBES: Final[dict[str, Callable[[], None]]] = {
    "privileges": _raise_privileges,
    "root": _act_as_root,
    "files": _read,
    "sockets": _connect,
    "processes": _fork,
    "programs": _run_program,
    "signals": _signal,
    "attributes": _change_file,
    "priorities": _change_priority,
}


def is_refused(try_it: Callable[[], None]) -> bool:
    """Return whether the kernel refuses `try_it`."""
    try:
        try_it()
    except PermissionError:
        return True
    return False


def main(room: Path) -> None:
    """Confine this process as for an inspection, try each access, and write the result."""
    exit_with_parent()
    INSPECTION.apply()
    confine((), room)
    result = {name: is_refused(try_it) for name, try_it in PROBES.items()}
    (room / "result.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
