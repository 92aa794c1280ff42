"""Advisory file locks. The kernel drops them with their process, so a crash never leaves one behind."""

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
        """Wait for the lock."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Take the lock if that needs no waiting, and tell whether it was taken."""
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let others take the lock; it can be taken again."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Release the lock for good."""
        os.close(self._descriptor)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[FileLock]:
    """Hold a lock on `path`, a file that is made if need be, for the length of a block."""
    lock = FileLock(path)
    try:
        lock.take(shared=shared)
        yield lock
    finally:
        lock.close()
