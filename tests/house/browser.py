"""A browser for those who ask for thousands of pages: what every request would make again is made once."""

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
"""With its middleware made, by whether it looks for the token of a form."""


@receiver(setting_changed)
def _make_again(**_changed: object) -> None:
    """Forget what was made by other settings."""
    _handlers.clear()


class Browser(Client):
    """One that keeps neither the templates nor the contexts of what it is answered, which nobody here reads."""

    def __init__(self, *, enforce_csrf_checks: bool = False) -> None:
        super().__init__(enforce_csrf_checks=enforce_csrf_checks)
        self.handler = _handlers.setdefault(enforce_csrf_checks, self.handler)

    def request(self, **request: Any) -> HttpResponseBase:  # type: ignore[override]  # -- without what is not kept
        """Ask; raise what the view raised."""
        got_request_exception.connect(self.store_exc_info)
        try:
            answer = self.handler(self._base_environ(**request))  # type: ignore[attr-defined]  # -- not in the stubs
        finally:
            got_request_exception.disconnect(self.store_exc_info)
        self.check_exception(answer)
        self.cookies.update(answer.cookies)
        return answer


class KeptSession:
    """A person's session, which their next request finds in the cache, as after any other page."""

    def __init__(self, key: str) -> None:
        self.stored = SessionStore(key)
        self.data = self.stored.load()

    def put(self) -> None:
        """Put it in the cache."""
        caches[settings.SESSION_CACHE_ALIAS].set(self.stored.cache_key, self.data)


_open_savepoints: Final[list[str]] = []
"""The savepoint to which each request goes back, while there is one."""


@contextmanager
def one_savepoint() -> Iterator[None]:
    """Let all that is `undone` inside go back to one savepoint: nothing that is to stay is written between."""
    _open_savepoints.append(transaction.savepoint_create())
    try:
        yield
    finally:
        name = _open_savepoints.pop()
        transaction.savepoint_rollback(name)
        transaction.savepoint_commit(name)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo what is done inside, in the database and in the cache.

    A session is kept in the cache too, which no transaction undoes: a message waits there for the next page.
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
