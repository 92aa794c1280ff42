"""A folder on a full disk."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def full_disk(folder: Path) -> Iterator[bool]:
    """Put a small, full file system at `folder`, for a block; yield whether this machine could mount one.

    Where it may not, this process may write no byte to a file.
    """
    asked = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0711", "full", str(folder)]
    if subprocess.run(asked, check=False, capture_output=True).returncode == 0:
        try:
            _fill(folder / "filler")
            yield True
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield False
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _fill(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(descriptor, bytes(4096))
    except OSError:
        pass
    finally:
        os.close(descriptor)
