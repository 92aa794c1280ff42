"""SMTP server that writes every message to a file and forwards none.

Run it as `python -m intake.devtools.embedded.mail_catcher --directory DIR [--host 127.0.0.1] [--port 1025]`.
"""

import argparse
import asyncio
import datetime as dt
import email
import re
import signal
import sys
import unicodedata
from email.policy import default as default_policy
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

MAX_BYTES = 50 * 1024 * 1024  # bytes; a receipt mail contains its dossier
NAME_LENGTH = 60


class Catcher:
    """Handler that writes messages to `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Write one message to a file and print its path; answer 451 if it cannot be written."""
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        message = email.message_from_bytes(raw, policy=default_policy)
        subject, to = str(message.get("Subject", "")), ", ".join(envelope.rcpt_tos)
        path = self.directory / file_name(subject, to, at=dt.datetime.now(dt.UTC))
        try:
            new = path.with_suffix(".new")
            new.write_bytes(raw)
            new.rename(path)  # a reader never sees an incomplete message
        except OSError as error:
            return f"451 the message could not be kept: {error.strerror}"
        sys.stdout.write(f"✉ {to} — {subject}\n  {path}\n")
        sys.stdout.flush()
        return "250 kept"


def file_name(subject: str, to: str, *, at: dt.datetime) -> str:
    """Return a file name in ASCII that sorts by instant (UTC) and contains recipient and subject."""
    return f"{at:%Y%m%dT%H%M%S.%fZ}_{plain(to)}_{plain(subject)}.eml"


def plain(text: str) -> str:
    """Return `text` in characters that every file system and shell accepts."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9@.]+", "-", letters).strip("-.")[:NAME_LENGTH]


async def serve(*, host: str, port: int, directory: Path) -> None:
    """Receive mail until SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    handler = Catcher(directory)
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=MAX_BYTES, enable_SMTPUTF8=True), host, port
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    # Not `async with`, which waits until every client disconnects: a silent client never does.
    server.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="Keep every mail as a file; send nothing on.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1025)
    parser.add_argument("--directory", type=Path, required=True)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(host=options.host, port=options.port, directory=options.directory))


if __name__ == "__main__":
    main()
