"""Circuit breaker. The first call that fails opens it; callers skip the server until a background probe succeeds."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Final

logger = logging.getLogger(__name__)

PROBE_SECONDS: Final = 1.0  # between two probes of a server that does not respond


class CircuitBreaker:
    """Per-process memory that a server failed; a background thread probes the server until it answers.

    `answers` probes the server within a short timeout; it may raise. It runs in a thread that ends with the outage.
    """

    def __init__(self, name: str, answers: Callable[[], bool], *, every: float = PROBE_SECONDS) -> None:
        self.name = name
        self._answers = answers
        self._every = every
        self._lock = threading.Lock()
        self._tripped_in = 0  # pid: a fork inherits neither the thread nor the open breaker

    @property
    def is_open(self) -> bool:
        """True if the server is known not to respond."""
        return self._tripped_in == os.getpid()

    def trip(self, reason: BaseException) -> None:
        """Open the breaker. Log the class of `reason` only: its message may contain an email address."""
        with self._lock:
            if self.is_open:
                return
            self._tripped_in = os.getpid()
        logger.warning("%s does not answer (%s); going on without it", self.name, type(reason).__name__)
        threading.Thread(target=self._probe, name=f"waits for {self.name}", daemon=True).start()

    def close(self) -> None:
        """Close the breaker: the next caller tries the server."""
        self._tripped_in = 0

    def _probe(self) -> None:
        pause = threading.Event()
        while self.is_open:
            pause.wait(self._every)
            try:
                back = self._answers()
            except Exception:  # noqa: BLE001 -- each library fails in its own way, and all of them mean "not yet"
                back = False
            if back and self.is_open:  # else a caller closed it during the probe
                logger.warning("%s answers again", self.name)
                self.close()
