"""Resource limits that an isolated process sets on itself before it opens an uploaded file."""

import contextlib
import resource
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of CPU (killed one second later), bytes of address space and of a written file, open files."""

    cpu_seconds: int
    address_space_bytes: int
    written_file_bytes: int
    open_files: int

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
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (soft, hard))


INSPECTION: Final = Limits(
    cpu_seconds=4,
    address_space_bytes=480 * 1024 * 1024,
    written_file_bytes=64 * 1024 * 1024,
    open_files=64,
)
"""Limits of one inspection."""
