"""Advisory file locks. The kernel releases a process's locks when it ends, also by a crash."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """One open file and its lock, shared or exclusive."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False) -> None:
        """Take the lock; wait for it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Take the lock without waiting. Return whether it was taken."""
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Release the lock; it can be taken again."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Release the lock and close its file."""
        os.close(self._descriptor)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[FileLock]:
    """Lock `path`, created if missing, for the duration of a block."""
    lock = FileLock(path)
    try:
        lock.take(shared=shared)
        yield lock
    finally:
        lock.close()
