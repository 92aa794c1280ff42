"""An SMTP server that keeps every message as a file and sends nothing on.

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

MAX_BYTES = 50 * 1024 * 1024  # a receipt carries its dossier
NAME_LENGTH = 60


class Catcher:
    """The handler that writes messages to `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Write one message and say so; refuse it for the moment if it cannot be written."""
        del server, session
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        message = email.message_from_bytes(raw, policy=default_policy)
        subject, to = str(message.get("Subject", "")), ", ".join(envelope.rcpt_tos)
        path = self.directory / file_name(subject, to, at=dt.datetime.now(dt.UTC))
        try:
            new = path.with_suffix(".new")
            new.write_bytes(raw)
            new.rename(path)  # nobody reads half a message
        except OSError as error:
            return f"451 the message could not be kept: {error.strerror}"
        sys.stdout.write(f"✉ {to} — {subject}\n  {path}\n")
        sys.stdout.flush()
        return "250 kept"


def file_name(subject: str, to: str, *, at: dt.datetime) -> str:
    """Return a name that sorts by instant (UTC) and tells what the message is, in plain letters."""
    return f"{at:%Y%m%dT%H%M%S.%fZ}_{plain(to)}_{plain(subject)}.eml"


def plain(text: str) -> str:
    """Return a text in letters that any file system and any shell takes."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9@.]+", "-", letters).strip("-.")[:NAME_LENGTH]


async def serve(*, host: str, port: int, directory: Path) -> None:
    """Catch mail until the process is told to stop."""
    loop = asyncio.get_running_loop()
    handler = Catcher(directory)
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=MAX_BYTES, enable_SMTPUTF8=True), host, port
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    # Not `async with`: it would wait for every client to hang up, and one that is mute never does.
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
