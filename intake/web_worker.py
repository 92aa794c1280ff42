"""The web server's worker: gunicorn's threads, which lose no connection when they stop.

Gunicorn's own stops accepting, answers the requests under way, and only then closes the listening socket. Whatever
connected meanwhile is reset unanswered, with its request sent, so that no proxy may send a POST again.
"""

import select

from gunicorn.workers.gthread import ThreadWorker


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # -- gunicorn ships no types
    """Answer the connections it has, then refuse new ones at once: a proxy tries another server for those."""

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 -- gunicorn's signature
        """Stop accepting; when this worker stops for good, accept what waits and close the listening sockets."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in (socket for socket in self.sockets if socket.fileno() >= 0):
            for _ in range(self.cfg.backlog):
                ready, _writable, _failed = select.select([listener], [], [], 0)
                if not ready:
                    break
                self.accept(listener)
            listener.close()  # ours alone: after SIGUSR2 the next server holds the socket too
