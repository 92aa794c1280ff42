"""Mail server of the fault runs: records recipients and times; can refuse, hang or disconnect."""

import asyncio
import socket
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any, Self

from aiosmtpd.controller import Controller

MUTE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail that the server took: recipient and instant (seconds of `time.time`)."""

    to: str
    at: float


@dataclass
class Mailbox:
    """Mails taken, by Message-ID, and the treatment of the next mails (`451`, `mute`, `drop`)."""

    taken: dict[str, list[Arrival]] = field(default_factory=lambda: defaultdict(list))
    moods: list[str] = field(default_factory=list)
    port: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _controller: Any = None

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        """Take a mail, or apply the next treatment."""
        with self._lock:
            mood = self.moods.pop() if self.moods else ""
        if mood == "451":
            return "451 try again later"
        if mood == "mute":
            await asyncio.sleep(MUTE_SECONDS)
            return "451 too late"
        if mood == "drop":
            server.transport.abort()
            return "451 gone"
        message = message_from_bytes(envelope.content, policy=policy.default)
        with self._lock:
            self.taken[str(message["Message-ID"])].append(Arrival(str(envelope.rcpt_tos[0]), time.time()))
        return "250 taken"

    def arrivals(self, message_id: str) -> list[Arrival]:
        """Return the arrivals of a mail, one per time it came."""
        with self._lock:
            return list(self.taken.get(message_id, ()))

    def everything(self) -> dict[str, list[Arrival]]:
        """Return all arrivals."""
        with self._lock:
            return {key: list(found) for key, found in self.taken.items()}

    def __enter__(self) -> Self:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
