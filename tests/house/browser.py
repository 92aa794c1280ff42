"""Test client for thousands of requests: the middleware chain is built once instead of once per client."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache, caches
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.dispatch import receiver
from django.http import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler
from django.test.signals import setting_changed

from intake.web.sessions import SessionStore

_handlers: Final[dict[bool, ClientHandler]] = {}
"""Handlers with their middleware chain built. Key: whether the handler checks CSRF tokens."""


@receiver(setting_changed)
def _make_again(**_changed: object) -> None:
    """Drop the handlers: their middleware was built with other settings."""
    _handlers.clear()


class Browser(Client):
    """Test client that records neither templates nor contexts of a response; the tests that use it read neither."""

    def __init__(self, *, enforce_csrf_checks: bool = False) -> None:
        super().__init__(enforce_csrf_checks=enforce_csrf_checks)
        self.handler = _handlers.setdefault(enforce_csrf_checks, self.handler)

    def request(self, **request: Any) -> HttpResponseBase:  # type: ignore[override]  # -- not Django's response
        """Send the request. Raise the exception that the view raised, if any."""
        got_request_exception.connect(self.store_exc_info)
        try:
            answer = self.handler(self._base_environ(**request))  # type: ignore[attr-defined]  # -- not in the stubs
        finally:
            got_request_exception.disconnect(self.store_exc_info)
        self.check_exception(answer)
        self.cookies.update(answer.cookies)
        return answer


class KeptSession:
    """One person's session, to be put back in the cache before their next request."""

    def __init__(self, key: str) -> None:
        self.stored = SessionStore(key)
        self.data = self.stored.load()

    def put(self) -> None:
        """Store the session in the cache."""
        caches[settings.SESSION_CACHE_ALIAS].set(self.stored.cache_key, self.data)


_open_savepoints: Final[list[str]] = []
"""Savepoint to which every request rolls back; empty outside `one_savepoint`."""


@contextmanager
def one_savepoint() -> Iterator[None]:
    """Roll back every `rolled_back` block inside to one shared savepoint.

    Data that must remain cannot be written inside: the next rollback removes it.
    """
    _open_savepoints.append(transaction.savepoint_create())
    try:
        yield
    finally:
        name = _open_savepoints.pop()
        transaction.savepoint_rollback(name)
        transaction.savepoint_commit(name)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo the writes of the block, in the database and in the cache.

    The cache is cleared because sessions are also stored there: a message for the next page would remain.
    """
    waiting = len(connection.run_on_commit)
    name = _open_savepoints[-1] if _open_savepoints else transaction.savepoint_create()
    try:
        yield
    finally:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(name)
        if not _open_savepoints:
            transaction.savepoint_commit(name)
        del connection.run_on_commit[waiting:]
        cache.clear()
