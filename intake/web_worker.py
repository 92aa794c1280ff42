"""Gunicorn worker class (threads) that loses no connection when it stops.

Gunicorn's own stops accepting, answers the current requests, and only then closes the listening socket. A connection
made in between is reset after its request was sent, so a proxy may not retry a POST.
"""

import select

from gunicorn.workers.gthread import ThreadWorker


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # -- gunicorn ships no types
    """Answer the accepted connections, then refuse new ones at once, so that a proxy tries another server."""

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 -- gunicorn's signature
        """Stop accepting; if this worker is ending, accept the pending connections and close the listening sockets."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in (socket for socket in self.sockets if socket.fileno() >= 0):
            for _ in range(self.cfg.backlog):
                ready, _writable, _failed = select.select([listener], [], [], 0)
                if not ready:
                    break
                self.accept(listener)
            listener.close()  # in this process only: after SIGUSR2 the next server has it open too
