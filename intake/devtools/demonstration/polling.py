"""Polling for the results of a worker that another process started."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from intake.outbox.models import Message

POLL_SECONDS: Final = 0.2
# A mail is an .eml file or, without a mail server, is appended to a file: the newest files are enough.
_NEWEST_FILES: Final = 200


def wait_for[Found](look: Callable[[], Found | None], *, seconds: float) -> Found | None:
    """Return what `look` returns within `seconds`, calling it every `POLL_SECONDS`, or None."""
    ends = time.monotonic() + seconds
    while (found := look()) is None and time.monotonic() < ends:
        time.sleep(POLL_SECONDS)
    return found


def find_mail_file(message: Message, *, folder: Path) -> Path | None:
    """Return the file of `folder` that contains `message`, found by its Message-ID, or None."""
    if not folder.is_dir():
        return None
    files = [path for path in folder.iterdir() if path.is_file()]
    files.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    wanted = message.message_id.encode()
    return next((path for path in files[:_NEWEST_FILES] if wanted in path.read_bytes()), None)
