"""Gunicorn's worker class, which loses no connection and knows how long each waited; its logger, without paths.

Gunicorn's own worker stops accepting, answers the current requests, and only then closes the listening socket. A
connection made in between is reset after its request was sent, so a proxy may not retry a POST.
"""

import datetime as dt
import json
import select
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from intake.web.request_id import HEADER, NETWORK, ROUTE
from intake.web.request_wait import StampedSocket, stamp_connections


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # -- gunicorn ships no types
    """Answer the accepted connections, then refuse new ones at once, so that a proxy tries another server."""

    def init_process(self) -> None:
        """Have connections stamped, and the waits of their requests attested, before the first one is accepted."""
        for listener in self.sockets:
            stamp_connections(listener.sock)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Hand a connection to a thread; its requests know when they came: `request_wait.wait_of`."""
        if not isinstance(conn.sock, StampedSocket):
            conn.sock = StampedSocket.wrap(conn.sock)
        super().enqueue_req(conn)

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


class AccessLogger(Logger):  # type: ignore[misc]  # -- gunicorn ships no types
    """Write one JSON line for each answer. A path, query string, cookie or header may hold a token or a name: none.

    The route and the client's network are those that `RequestIdMiddleware` leaves in the environment; `-` if something
    before it answered: a static file, or a redirect to https.
    """

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: dt.timedelta) -> None:
        """Write the line of one answer."""
        if not self.access_log_enabled:
            return
        headers = {name.lower(): value for name, value in resp.headers}
        line = {
            "log": "access",
            "at": dt.datetime.now(tz=dt.UTC).isoformat(timespec="milliseconds"),
            "method": req.method,
            "route": environ.get(ROUTE, "-"),
            "status": int(str(resp.status).split(maxsplit=1)[0]),
            "bytes": resp.sent,
            "milliseconds": int(request_time / dt.timedelta(milliseconds=1)),
            "network": environ.get(NETWORK) or None,
            "reference": headers.get(HEADER.lower()),
        }
        self.access_log.info("%s", json.dumps(line))

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write an error of the server without the address of its request."""
        of_a_request = msg.startswith("Error handling request %s")
        super().exception(
            "Error handling request" if of_a_request else msg, *(() if of_a_request else args), **kwargs
        )
