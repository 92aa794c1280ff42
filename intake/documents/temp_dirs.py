"""Directories for as long as a file is worked on, all in one place, so that what a killed process leaves is found.

They hold whole applications: the place is this user's alone. Age is told by the file system's clock, of which both
instants come, and no process works in its room for long: uploads and dossiers have a minute or two.
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

logger = logging.getLogger(__name__)

MAX_IDLE_SECONDS: Final = 3600
"""Seconds since a room was last written in, up to which somebody may be working there."""


_PRIVATE_MODE = 0o700


class ForeignDirectoryError(Exception):
    """Somebody else made a file of the name of our place in the machine's temporary folder."""

    code = "NOT_OUR_PLACE"


def base_directory() -> Path:
    """Return the directory, readable by this user alone, that holds every room; made if it is not there.

    :raises NotOurPlaceError: it is another user's, or no directory.
    """
    found = Path(tempfile.gettempdir(), f"intake-{os.getuid()}")
    try:
        found.mkdir(mode=_PRIVATE_MODE)
    except FileExistsError as error:
        # In a folder where everybody writes, another may have come first: a link of theirs is not followed.
        held = found.lstat()
        if not stat.S_ISDIR(held.st_mode) or held.st_uid != os.getuid():
            raise ForeignDirectoryError from error
        if stat.S_IMODE(held.st_mode) != _PRIVATE_MODE:
            found.chmod(_PRIVATE_MODE)
    return found


@contextmanager
def temporary_directory(sort: str) -> Iterator[Path]:
    """Give an empty directory to work in, absolute, named after `sort`, and remove it at the end.

    Those that others left an hour ago, because they were killed, are removed first: each machine, and each container,
    tidies its own.

    :raises NotOurPlaceError: see `place`.
    """
    with tempfile.TemporaryDirectory(prefix=f"{sort}-", dir=base_directory()) as directory:
        room = Path(directory).resolve()
        _remove_stale(room)
        yield room


def remove_stale_directories() -> None:
    """Remove what killed processes left on this machine an hour ago or longer, though nobody needs a room now."""
    with temporary_directory("sweep"):
        pass


def _remove_stale(mine: Path) -> None:
    """Remove what was last written in an hour before `mine` was made."""
    before = mine.stat().st_mtime - MAX_IDLE_SECONDS
    removed = sum(_remove_if_older(entry, before) for entry in mine.parent.iterdir())
    if removed:
        logger.warning("rooms_left_by_killed_processes removed=%d", removed)


def _remove_if_older(entry: Path, before: float) -> bool:
    try:
        held = entry.lstat()
        if held.st_mtime >= before:
            return False
        if stat.S_ISDIR(held.st_mode):
            shutil.rmtree(entry)
        else:
            entry.unlink()
    except FileNotFoundError:
        return False  # taken back meanwhile by another sweep
    except OSError as error:
        # What is in hand does not fail because of what another left; the next sweep says it again.
        logger.error("a room left by a killed process stays: %s", type(error).__name__)  # noqa: TRY400 -- the traceback would hold its path alone
        return False
    return True
