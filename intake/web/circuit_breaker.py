"""A server that may be away: whoever finds out pays once, and nobody waits for it again before it is back."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Final

logger = logging.getLogger(__name__)

PROBE_SECONDS: Final = 1.0
"""How often an absent server is asked again, by a thread of its own."""


class CircuitBreaker:
    """Remembers, in this process, that a server failed; asks it again beside the requests until it answers.

    `answers` asks the server, briefly; it may raise. It runs in a thread that lives as long as the absence.
    """

    def __init__(self, name: str, answers: Callable[[], bool], *, every: float = PROBE_SECONDS) -> None:
        self.name = name
        self._answers = answers
        self._every = every
        self._lock = threading.Lock()
        self._tripped_in = 0  # the process that found out: a fork inherits neither the thread nor the verdict

    @property
    def is_open(self) -> bool:
        """Whether the server is known to be away."""
        return self._tripped_in == os.getpid()

    def trip(self, reason: BaseException) -> None:
        """Say that the server failed. Only the reason's class is logged: its words may hold an address."""
        with self._lock:
            if self.is_open:
                return
            self._tripped_in = os.getpid()
        logger.warning("%s does not answer (%s); going on without it", self.name, type(reason).__name__)
        threading.Thread(target=self._probe, name=f"waits for {self.name}", daemon=True).start()

    def close(self) -> None:
        """Ask the server again at the next occasion."""
        self._tripped_in = 0

    def _probe(self) -> None:
        pause = threading.Event()
        while self.is_open:
            pause.wait(self._every)
            try:
                back = self._answers()
            except Exception:  # noqa: BLE001 -- each library fails in its own way, and all of them mean "not yet"
                back = False
            if back:
                logger.warning("%s answers again", self.name)
                self.close()
