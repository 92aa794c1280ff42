"""A process apart ends with the one that started it: nobody else would ever stop it, nor read what it makes."""

import os
import signal
import sys
from typing import Final

PARENT: Final = "INTAKE_PARENT"
"""The variable of the environment that names, by its number, the process that started this one."""

_PR_SET_PDEATHSIG = 1  # prctl(2)


def exit_with_parent() -> None:
    """Have the kernel kill this process once the one that started it has ended; end now if it has already.

    Asked by the process itself at its start, because nothing of Python may safely run between `fork` and `exec` in a
    parent that has threads. Linux alone can; elsewhere the limits of CPU remain. The kernel looks at the thread that
    started this process, which waits for it (`apart.run_apart`).
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 -- for this call alone

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        os._exit(1)
