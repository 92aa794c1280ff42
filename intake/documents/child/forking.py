"""Fork the process of each job from one that has loaded its libraries: `python -m …forking MODULE TEXT`.

It calls `prepare(TEXT)` of MODULE once, then reads jobs from its input, one line of JSON each, and forks for each a
process that runs `main(Path(first argument), *other arguments)` of MODULE. It opens no file of a person, and learns of
these processes only how they end. Each has a copy of this memory that the others do not see, and confines itself.

It writes a line when it is ready, and after each job its exit code, negative for a signal, or `LATE`. It ends with its
input, and after `IDLE_SECONDS` without a job.
"""

import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NoReturn

from intake.documents.child.limits import PARENT, exit_with_parent

IDLE_SECONDS: Final = 120
LATE: Final = b"late\n"
"""The job did not end within its seconds and was killed."""
_INPUT, _OUTPUT = 0, 1


def main(name: str, text: str) -> None:
    """Prepare the module `name`, then fork a process for each job."""
    exit_with_parent()
    module = _load(name)
    module.prepare(text)
    if threads() != 1:
        sys.exit(1)  # a lock that another thread holds would stay locked in every process
    gc.collect()
    gc.freeze()  # collections in the processes then touch, and copy, nothing of this memory
    own = os.getpid()
    os.write(_OUTPUT, b"\n")
    while job := _read_job():
        seconds = job.pop("seconds")
        process = os.fork()
        if process == 0:
            _run(module, own, **job)
        os.write(_OUTPUT, _wait(process, seconds))


def threads() -> int:
    """Return the number of threads of this process, those of libraries included."""
    return sum(1 for _thread in Path("/proc/self/task").iterdir())


def _load(name: str) -> ModuleType:
    """Import the module that `python -m name` runs."""
    found = importlib.util.find_spec(name)
    is_package = found is not None and found.submodule_search_locations is not None
    return importlib.import_module(f"{name}.__main__" if is_package else name)


def _read_job() -> dict[str, Any] | None:
    if not select.select([_INPUT], [], [], IDLE_SECONDS)[0]:
        return None
    line = os.read(_INPUT, select.PIPE_BUF)  # of this size at most: written and read whole
    return dict(json.loads(line)) if line else None


def _run(
    module: ModuleType, parent: int, *, arguments: list[str], room: str, environment: dict[str, str]
) -> NoReturn:
    """Run `main` in this new process as if it had been started for it: without the pipes, in `room`."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (_INPUT, _OUTPUT):
            os.dup2(nothing, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.chdir(room)
        os.environ.update(environment | {PARENT: str(parent)})
        tempfile.tempdir = None
        module.main(Path(arguments[0]), *arguments[1:])
    except BaseException:  # noqa: BLE001 -- as an interpreter ends, without its shutdown
        os._exit(1)
    os._exit(0)


def _wait(process: int, seconds: float) -> bytes:
    """Return the exit code of `process`; kill it after `seconds`, or when the input ends."""
    ended = os.pidfd_open(process)
    try:
        is_late = ended not in select.select([ended, _INPUT], [], [], seconds)[0]
    finally:
        os.close(ended)
    if is_late:
        os.kill(process, signal.SIGKILL)
    _process, status = os.waitpid(process, 0)
    return LATE if is_late else b"%d\n" % os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
