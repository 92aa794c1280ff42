"""File storage in a folder that survives a power failure: a file is complete and on disk before the row that names it.

`s3_storage` is the other storage, in a bucket.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile

PARTIAL_FOLDER: Final = "unfinished"  # of files being written; a killed process leaves its partial file there
_TRIED_BYTES: Final = 64 * 1024
"""A file system keeps a few bytes beside the name of a file, where a full disk does not show."""


class StorageUnavailableError(OSError):
    """The storage did not answer, or not as it should. Not caused by the file: try again later."""

    code = "storage_away"


class StorageFullError(StorageUnavailableError):
    """There is no room for a file, in the storage or in the temporary folder, or only reading is allowed there."""

    code = "storage_full"


_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})


def is_full(error: OSError) -> bool:
    """Return whether `error` says that there is no room to write, whatever is written."""
    return error.errno in _NO_ROOM


@contextmanager
def storage_errors() -> Iterator[None]:
    """Tell that the storage is unavailable, or full, where a file cannot be written."""
    try:
        yield
    except StorageUnavailableError:
        raise
    except OSError as error:
        raise (StorageFullError if is_full(error) else StorageUnavailableError)(*error.args) from error


class DurableFileSystemStorage(FileSystemStorage):
    """Name a file only once it is complete and flushed, and flush the folders that name it, before `save` returns.

    PostgreSQL flushes what it commits: a file that was still in the system's memory at a power failure would be missing
    although its receipt exists. A file truncated by a full disk would be taken for complete.
    """

    def _save(self, name: str, content: Any) -> str:
        with storage_errors():
            return self._save_durably(name, content)

    def _save_durably(self, name: str, content: Any) -> str:
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
            fsync_path(folder)  # includes folders created for this file
            if folder == top:
                break
        return path.relative_to(top).as_posix()

    def try_file(self) -> None:
        """Write, flush, link and remove a small file, as `save` does; create no folder of the storage's own.

        :raises OSError: if one of these fails: the folder is missing, the disk is full…
        """
        top = Path(self.location)
        if not top.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "no folder")
        part = top / PARTIAL_FOLDER / f"tried-{uuid4()}"
        linked = part.with_suffix(".linked")
        self._make_folder(part.parent)
        try:
            part.write_bytes(bytes(_TRIED_BYTES))
            fsync_path(part)
            linked.hardlink_to(part)
            fsync_path(part.parent)
        finally:
            part.unlink(missing_ok=True)
            linked.unlink(missing_ok=True)

    def _move_into_place(self, name: str, part: Path) -> Path:
        """Name the file `name`, or a free variant if that exists; return its path."""
        while True:
            path = Path(self.path(name))
            self._make_folder(path.parent)
            try:
                # A hard link, not a rename: a rename would replace an existing file.
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


def copy_stored(file: FieldFile, to: Path) -> Path:
    """Copy a stored file to the path `to`; return `to`.

    :raises FileNotFoundError: if the storage has no such file.
    :raises StorageUnavailableError: if the storage server does not answer.
    """
    with file.open("rb") as stored, to.open("wb") as out:
        shutil.copyfileobj(stored, out)
    return to


def fsync_path(path: Path) -> None:
    """Flush a file, or a folder's entries, to disk; raise OSError if that fails."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
