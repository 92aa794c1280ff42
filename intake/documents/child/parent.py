"""End an isolated process when its parent ends: no other process would stop it or read its result."""

import os
import signal
import sys
from typing import Final

PARENT: Final = "INTAKE_PARENT"
"""Environment variable with the process id of the parent."""

_PR_SET_PDEATHSIG = 1  # prctl(2)


def exit_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends; exit now if it has already ended.

    The process does this itself at its start, because in a parent with threads no Python code may safely run between
    `fork` and `exec`. Linux only; elsewhere only the CPU limits apply. The kernel watches the thread that started this
    process, which waits for it (`isolated_process.run_isolated`).
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 -- needed for this call only

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        os._exit(1)
