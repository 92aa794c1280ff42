"""Files that outlast the machine's power: on the disk before the row that names them, and never in part."""

import os
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.core.files.storage import FileSystemStorage

PARTIAL_FOLDER: Final = "unfinished"
"""The folder of what is being written, under the storage's own: a process that is killed leaves its part there."""


class DurableFileSystemStorage(FileSystemStorage):
    """Give a file its name once it is whole and flushed, and flush the folders that name it, before `save` returns.

    PostgreSQL flushes what it commits. A file that the system still kept in memory when the power went would be
    missing, or empty, under a receipt that says that it was received. One that a full disk or a kill cut short would
    be taken for the whole of it.
    """

    def _save(self, name: str, content: Any) -> str:
        aside = f"{PARTIAL_FOLDER}/{uuid4()}"
        part = Path(self.path(aside))
        try:
            super()._save(aside, content)  # type: ignore[misc]  # -- the stubs leave it out
            fsync_path(part)
            path = self._move_into_place(name, part)
        finally:
            part.unlink(missing_ok=True)
        top = Path(self.location)
        for folder in path.parents:
            fsync_path(folder)  # those that were made for it, too
            if folder == top:
                break
        return path.relative_to(top).as_posix()

    def _move_into_place(self, name: str, part: Path) -> Path:
        """Give what was written its name, or one like it if another file has that one; return where it is."""
        while True:
            path = Path(self.path(name))
            self._make_folder(path.parent)
            try:
                # Not a renaming, which would take the place of a file that is there.
                path.hardlink_to(part)
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                return path

    def _make_folder(self, folder: Path) -> None:
        mode = self.directory_permissions_mode
        for each in (*reversed(folder.parents), folder):
            if not each.is_dir():
                each.mkdir(mode=0o777 if mode is None else mode, exist_ok=True)


def fsync_path(path: Path) -> None:
    """Have the system write a file, or what a folder names, to the disk.

    :raises OSError: the disk does not take it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
