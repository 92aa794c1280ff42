"""What one inspection may use of the machine, set by the child on itself before it opens the file."""

import contextlib
import resource

CPU_SECONDS = 4  # soft; the kernel kills at CPU_SECONDS + 1
ADDRESS_SPACE_BYTES = 480 * 1024 * 1024
WRITTEN_FILE_BYTES = 64 * 1024 * 1024
OPEN_FILES = 64


def apply() -> None:
    """Lower this process's limits: CPU seconds, address space, size of files written, open files, no core dump.

    macOS refuses an address-space limit; there the other limits and the parent's clock remain.
    """
    for what, soft, hard in (
        (resource.RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + 1),
        (resource.RLIMIT_AS, ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES),
        (resource.RLIMIT_FSIZE, WRITTEN_FILE_BYTES, WRITTEN_FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (soft, hard))
