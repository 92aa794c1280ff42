"""Files that outlast the machine's power: on the disk before the row that names them is committed."""

import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class DurableFileSystemStorage(FileSystemStorage):
    """Flush each file, and the folders that name it, before `save` returns.

    PostgreSQL flushes what it commits. A file that the system still kept in memory when the power went would be
    missing, or empty, under a receipt that says that it was received.
    """

    def _save(self, name: str, content: Any) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]  # -- the stubs leave it out
        path = Path(self.path(saved))
        flush(path)
        top = Path(self.location)
        for folder in path.parents:
            flush(folder)  # those that were made for it, too
            if folder == top:
                break
        return saved


def flush(path: Path) -> None:
    """Have the system write a file, or what a folder names, to the disk.

    :raises OSError: the disk does not take it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
