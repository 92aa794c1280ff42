"""End the statements of a page that run for too long, and answer that the page takes too long.

By this process, not by `statement_timeout`: behind a pooler, sessions of the server are shared with the workers, whose
statements have no limit. Nor have those of a response that is sent while it is computed, as an export is.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse

from intake.web import errors

from .middleware import Middleware

logger = logging.getLogger(__name__)

SECONDS: Final = 20.0
"""The slowest list of 100,000 files takes a tenth of it; the web server gives up a request after 60."""
_EVERY_SECONDS: Final = 1.0


class StatementWatch:
    """The statements that the pages of this process run; a thread ends those that take longer than `seconds`."""

    def __init__(self, seconds: float = SECONDS, every: float = _EVERY_SECONDS) -> None:
        self._seconds, self._every = seconds, every
        self._lock = threading.Lock()
        self._running: dict[int, tuple[float, psycopg.Connection[Any]]] = {}
        self.is_started = False

    def start(self) -> None:
        """Start the thread, in each process that answers requests."""
        self.is_started = True
        threading.Thread(target=self._keep_watch, name="statement-watch", daemon=True).start()

    def run(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 -- Django's signature
        """Execute a statement under watch: a wrapper for `connection.execute_wrapper`."""
        thread = threading.get_ident()
        self._running[thread] = time.monotonic(), context["connection"].connection
        try:
            return execute(sql, params, many, context)
        finally:
            with self._lock:  # a cancellation under way would meet the next statement of the connection
                self._running.pop(thread, None)

    def _keep_watch(self) -> None:
        while True:
            time.sleep(self._every)
            before = time.monotonic() - self._seconds
            for thread, (began, _session) in tuple(self._running.items()):
                if began < before:
                    self._cancel(thread, began)

    def _cancel(self, thread: int, began: float) -> None:
        with self._lock:
            found = self._running.get(thread)
            if found is None or found[0] != began:
                return
            del self._running[thread]
            try:
                found[1].cancel_safe(timeout=2)
            except psycopg.Error as error:
                logger.warning("a statement could not be ended (%s)", type(error).__name__)


watch: Final = StatementWatch()
"""Of this process. Workers and commands do not start it."""


def without_statement_limit[View: Callable[..., Any]](view: View) -> View:
    """Let the statements of `view` take their time: a request that is in time is not refused because they are slow."""
    setattr(view, _UNLIMITED, True)
    return view


_UNLIMITED: Final = "has_no_statement_limit"


class StatementLimitMiddleware(Middleware):
    """Answer 503 with a page that says so if a statement of the request takes longer than `SECONDS`."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond."""
        if not watch.is_started:
            return self.get_response(request)

        def limit(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 -- Django's signature
            if getattr(request, _UNLIMITED, False):
                return execute(sql, params, many, context)
            return watch.run(execute, sql, params, many, context)

        with connection.execute_wrapper(limit):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _given: Any, _named: Any) -> None:
        """Read whether the view has a limit."""
        setattr(request, _UNLIMITED, getattr(view, _UNLIMITED, False))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of a request whose statement was ended; None for another exception."""
        ended = isinstance(exception, OperationalError) and isinstance(
            exception.__cause__, psycopg.errors.QueryCanceled
        )
        if not ended:
            return None
        logger.error("a statement of the page took longer than its limit, and was ended")
        return errors.took_too_long(request)
