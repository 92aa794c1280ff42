"""Temporary directories for work on files, all in one place, so that those of killed processes are found and deleted.

They contain complete applications, so only this user may read them, and for root the user of isolated processes. A
directory's age is computed from two instants of the file system's clock; work on an upload or a PDF dossier takes at
most a minute or two.
"""

import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from intake.web.storage import StorageFullError, is_full

logger = logging.getLogger(__name__)

MAX_IDLE_SECONDS: Final = 3600
"""Seconds since the last write in a directory, within which a process may still use it."""
_TRIED_BYTES: Final = 64 * 1024
_PRIVATE_MODE = 0o700
_TRAVERSED_MODE = (
    0o711  # root's: isolated processes are another user's, and open only a path that they were given
)


class ForeignDirectoryError(Exception):
    """Another user created a file with the name of the portal's directory in the machine's temporary folder."""

    code = "NOT_OUR_PLACE"


def base_directory() -> Path:
    """Return the directory, listed by this user only, of all temporary directories; create it if missing.

    :raises ForeignDirectoryError: if it belongs to another user, or is not a directory.
    """
    base = Path(tempfile.gettempdir(), f"intake-{os.getuid()}")
    mode = _PRIVATE_MODE if os.getuid() else _TRAVERSED_MODE
    try:
        base.mkdir(mode=mode)
    except FileExistsError as error:
        # Any user can write in the temporary folder and may have come first: do not follow a link.
        status = base.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise ForeignDirectoryError from error
        if stat.S_IMODE(status.st_mode) != mode:
            base.chmod(mode)
    return base


@contextmanager
def temporary_directory(sort: str) -> Iterator[Path]:
    """Yield an empty absolute directory with prefix `sort`; remove it at the end, and first those left an hour ago.

    :raises StorageFullError: if there is no room for it, or for what is written in it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=f"{sort}-", dir=base_directory()) as directory:
            room = Path(directory).resolve()
            _remove_stale(room)
            yield room
    except OSError as error:
        if is_full(error):
            raise StorageFullError(*error.args) from error
        raise


def check_room(directory: Path) -> None:
    """Check that a directory takes a small file.

    :raises OSError: if it does not.
    """
    with tempfile.TemporaryFile(dir=directory) as file:
        file.write(bytes(_TRIED_BYTES))


def remove_stale_directories() -> None:
    """Delete the temporary directories that killed processes left on this machine more than an hour ago."""
    with temporary_directory("sweep"):
        pass


def _remove_stale(mine: Path) -> None:
    before = mine.stat().st_mtime - MAX_IDLE_SECONDS
    removed = sum(_remove_if_older(entry, before) for entry in mine.parent.iterdir())
    if removed:
        logger.warning("directories_left_by_killed_processes removed=%d", removed)


def _remove_if_older(entry: Path, before: float) -> bool:
    try:
        status = entry.lstat()
        if status.st_mtime >= before:
            return False
        if stat.S_ISDIR(status.st_mode):
            shutil.rmtree(entry)
        else:
            entry.unlink()
    except FileNotFoundError:
        return False  # deleted concurrently by another process
    except OSError as error:
        # Do not fail this request because of another process's directory. The next sweep logs it again.
        logger.error("a directory left by a killed process stays: %s", type(error).__name__)  # noqa: TRY400 -- the traceback would only add its path
        return False
    return True
