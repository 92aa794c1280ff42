"""Gunicorn's worker class, which loses no connection and waits for no client; its logger, without paths.

Gunicorn's own worker stops accepting, answers the current requests, and only then closes the listening socket. A
connection made in between is reset after its request was sent, so a proxy may not retry a POST.

Its threads also receive and send at the client's pace, without end: as many slow clients as threads close the portal.
Here a thread has a request once all of it came, and leaves its answer to the poller (`intake.web.buffered_socket`).
"""

import datetime as dt
import errno
import resource
import select
import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from gunicorn import util
from gunicorn.errors import ConfigError
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from intake.web.buffered_socket import PATIENCE, SILENCE, BufferedSocket, UnreadableRequestError
from intake.web.log_lines import LINE, json_lines
from intake.web.request_id import HEADER, NETWORK, ROUTE
from intake.web.request_wait import stamp_connections

_FILES_OF_A_CONNECTION: Final = 3  # itself, its request, its answer
_OTHER_FILES: Final = 200
_LINGER_SECONDS: Final = 2.0
"""For a client to end the connection after its last answer: closed earlier, that answer may be lost on its way."""
_MOST_HELD: Final = 512 * 1024 * 1024
"""Bytes of the requests and answers of clients that the process waits for."""
_LOOK_SECONDS: Final = 0.5
"""Between two looks for connections that have waited for too long."""


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # -- gunicorn ships no types
    """Answer the accepted connections, then refuse new ones at once, so that a proxy tries another server."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waiting: dict[Any, None] = {}
        """Connections that the poller receives from, or sends to, in the order in which they began to wait."""
        self._looked_at = 0.0

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse TLS: it ends at the proxy.

        :raises ConfigError: if there is a certificate.
        """
        super().check_config(cfg, log)
        if cfg.is_ssl:
            message = "the web server has no TLS of its own: put a proxy before it, as deploy/Caddyfile"
            raise ConfigError(message)

    def init_process(self) -> None:
        """Have the kernel stamp what connections receive, before the first one is accepted, and allow them files."""
        for listener in self.sockets:
            stamp_connections(listener.sock)
        wanted = self.cfg.worker_connections * _FILES_OF_A_CONNECTION + _OTHER_FILES
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            self.worker_connections = max(1, (soft - _OTHER_FILES) // _FILES_OF_A_CONNECTION)
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Accept a connection; without a file left for it, first end the one that has waited longest."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in {errno.EMFILE, errno.ENFILE}:
                raise
            self._end_oldest()

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 -- gunicorn's signature
        """Stop accepting; if this worker is ending, accept the pending connections and close the listening sockets."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in (each for each in self.sockets if each.fileno() >= 0):
            for _ in range(self.cfg.backlog):
                ready, _writable, _failed = select.select([listener], [], [], 0)
                if not ready:
                    break
                self.accept(listener)
            listener.close()  # in this process only: after SIGUSR2 the next server has it open too

    def enqueue_req(self, conn: Any) -> None:
        """Hand a connection to a thread once its request is whole; that knows when it came: `received_ns_of`."""
        if not isinstance(conn.sock, BufferedSocket):
            conn.sock = BufferedSocket.wrap(conn.sock)
        try:
            is_whole = conn.sock.receive()
        except UnreadableRequestError as refused:
            util.write_error(conn.sock, refused.status, refused.status.phrase, refused.sentence)
            self._part(conn)
        except OSError:
            self._end(conn)
        else:
            if is_whole:
                self._stop_waiting(conn)
                conn.data_ready = True
                super().enqueue_req(conn)
            else:
                patience = SILENCE if conn.sock.is_silent else PATIENCE
                self._wait(conn, selectors.EVENT_READ, self.enqueue_req, patience)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Send what a thread left of its answer; then keep the connection or end it."""
        try:
            is_sent = conn.sock.flush()
        except OSError:
            self._end(conn)
            return
        if not is_sent:
            self._wait(conn, selectors.EVENT_WRITE, partial(self.finish_request, fs=fs))
            return
        self._stop_waiting(conn)
        if fs.cancelled() or fs.exception() is not None or fs.result() is not True:
            self._part(conn)
        elif conn.sock.has_next:
            self.enqueue_req(conn)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """End the connections that waited for too long, and the oldest of them where too many wait: at each turn."""
        super().murder_pending()
        # Half of the connections may wait for their clients; the others are at work, or free.
        if self.nr_conns >= self.worker_connections - 1 and (
            self.keepalived_conns or len(self._waiting) > self.worker_connections // 2
        ):
            self._end_oldest()
        now = time.monotonic()
        if now < self._looked_at + _LOOK_SECONDS:
            return
        self._looked_at = now
        for conn in [conn for conn in self._waiting if conn.sock.deadline < now]:
            self._end(conn)
        while sum(conn.sock.held for conn in self._waiting) > _MOST_HELD:
            self._end(max(self._waiting, key=lambda conn: conn.sock.held))

    def _end_oldest(self) -> None:
        if self.keepalived_conns:  # the next request of which may come, or not
            self.keepalived_conns[0].timeout = 0
            self.murder_keepalived()
        elif self._waiting:
            self._end(next(iter(self._waiting)))

    def _wait(self, conn: Any, event: int, then: Callable[[Any], None], patience: float = PATIENCE) -> None:
        """Call `then` each time that the client has sent, or can take, something; at once it is registered for it."""
        if conn in self._waiting:
            return
        conn.sock.start(patience)
        self._waiting[conn] = None
        self.poller.register(conn.sock, event, lambda _socket: then(conn))

    def _stop_waiting(self, conn: Any) -> None:
        if conn in self._waiting:
            del self._waiting[conn]
            self.poller.unregister(conn.sock)

    def _part(self, conn: Any) -> None:
        """Tell the client that nothing more comes, and let it end the connection first."""
        self._stop_waiting(conn)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(conn)
        else:
            self._discard(conn)

    def _discard(self, conn: Any) -> None:
        try:
            has_ended = conn.sock.discard()
        except OSError:
            has_ended = True
        if has_ended:
            self._end(conn)
        else:
            self._wait(conn, selectors.EVENT_READ, self._discard, _LINGER_SECONDS)

    def _end(self, conn: Any) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()


class AccessLogger(Logger):  # type: ignore[misc]  # -- gunicorn ships no types
    """Write JSON, and a line for each answer. A path, query string, cookie or header may hold a token or a name: none.

    The route and the client's network are those that `RequestIdMiddleware` leaves in the environment; `-` if something
    before it answered: a static file, or a redirect to https.
    """

    def setup(self, cfg: Any) -> None:
        """Give the handlers of the configuration the form of the portal's lines."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(json_lines())

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
        self.access_log.info("answered", extra={LINE: line})

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write an error of the server without the address of its request."""
        of_a_request = msg.startswith("Error handling request %s")
        super().exception(
            "Error handling request" if of_a_request else msg, *(() if of_a_request else args), **kwargs
        )
