"""Limits that an isolated process sets on itself before it opens an uploaded file: resources, and its parent's life."""

import contextlib
import os
import resource
import signal
import sys
from dataclasses import dataclass, replace
from typing import Final

PARENT: Final = "INTAKE_PARENT"  # environment variable with the process id of the parent
_PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of CPU (killed one second later), bytes of address space and of a written file, open files, threads."""

    cpu_seconds: int
    address_space_bytes: int
    written_file_bytes: int
    open_files: int
    threads: bool = True
    """May it start threads? The kernel counts those of all processes of a user together, and does not count root's."""

    def apply(self) -> None:
        """Lower this process's limits to these, and disable core dumps.

        macOS rejects an address space limit; there only the other limits and the parent's timeout apply.
        """
        for what, soft, hard in (
            (resource.RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds + 1),
            (resource.RLIMIT_AS, self.address_space_bytes, self.address_space_bytes),
            (resource.RLIMIT_FSIZE, self.written_file_bytes, self.written_file_bytes),
            (resource.RLIMIT_NOFILE, self.open_files, self.open_files),
            (resource.RLIMIT_CORE, 0, 0),
            *(() if self.threads else ((resource.RLIMIT_NPROC, 0, 0),)),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (soft, hard))


INSPECTION: Final = Limits(
    cpu_seconds=4,
    address_space_bytes=480 * 1024 * 1024,
    written_file_bytes=64 * 1024 * 1024,
    open_files=64,
    threads=False,
)
"""Limits of one inspection."""
HEIC_INSPECTION: Final = replace(INSPECTION, threads=True)
"""Limits of the inspection of a HEIC: its decoder starts one thread, which decodes."""


def exit_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends; exit now if it has already ended.

    No other process would stop it or read its result. It does this itself at its start, because in a parent with
    threads no Python code may safely run between `fork` and `exec`. Linux only; elsewhere only the CPU limits apply.
    The kernel watches the thread that started this process, which waits for it (`isolated_process.run_isolated`).
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 -- needed for this call only

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        os._exit(1)
