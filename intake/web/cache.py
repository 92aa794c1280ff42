"""The cache, when its server may be away: pages go on without it, slower by nothing that a person would feel."""

import threading
from typing import TYPE_CHECKING, Any, Final

from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from .circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PENDING_DELETES: Final = 10_000
"""Sessions remembered as changed during an absence; beyond, all of the cache is emptied when it is back."""


class _ServerState:
    """What one process knows of one server: whether it is away, what it was not told, and what stands in for it."""

    def __init__(self, server: str) -> None:
        self.breaker = CircuitBreaker("the cache", self._on_recovery)
        self.stand_in = LocMemCache(server, {})
        self.owed: set[str] = set()
        self.come_back: Callable[[set[str] | None], None] = lambda _owed: None

    def add_pending_delete(self, key: str) -> None:
        """Remember a session whose copy in the cache is wrong from now on."""
        if len(self.owed) <= MAX_PENDING_DELETES:
            self.owed.add(key)

    def _on_recovery(self) -> bool:
        owed = set(self.owed)
        self.come_back(None if len(owed) > MAX_PENDING_DELETES else owed)
        self.owed -= owed
        self.stand_in.clear()
        return True


_server_states: dict[tuple[str, float | None], _ServerState] = {}
"""By server and by how long it is waited for: who waits for less finds it away sooner, and speaks for itself alone."""
_lock = threading.Lock()


class FaultTolerantRedisCache(RedisCache):
    """Django's cache on Redis or Valkey, for which an absent server is an empty cache.

    While it is away a session is read from the database; what changes of it is erased from the cache before the cache
    is believed again, so that nobody who signed out is signed in by an old copy. Everything else, rate limits first,
    is kept by each process for itself.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        with _lock:
            patience = params.get("OPTIONS", {}).get("socket_timeout")
            self._absence = _server_states.setdefault(
                (server, patience), _ServerState(f"{server} {patience}")
            )
            self._absence.come_back = self._apply_pending_deletes

    def _apply_pending_deletes(self, owed: set[str] | None) -> None:
        """Erase what is owed, everything when that is not known.

        :raises redis.exceptions.RedisError: when the server is still away.
        """
        self._cache.get_client(None, write=True).ping()
        if owed is None:
            self._cache.clear()
        elif owed:
            self._cache.delete_many(list(owed))

    def _try(self, name: str, key: str, /, *args: Any, **options: Any) -> Any:
        absence = self._absence
        if not absence.breaker.is_open:
            try:
                return getattr(super(), name)(key, *args, **options)
            except RedisError as error:
                absence.breaker.trip(error)
        if key.startswith(KEY_PREFIX):
            if name in {"add", "set", "delete", "touch"}:
                absence.add_pending_delete(self.make_key(key, options.get("version")))
            return args[0] if name == "get" and args else options.get("default")
        return getattr(absence.stand_in, name)(key, *args, **options)

    def add(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep a value unless there is one."""
        return bool(self._try("add", key, value, timeout, version=version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return a value, or `default`."""
        return self._try("get", key, default, version=version)

    def set(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep a value."""
        self._try("set", key, value, timeout, version=version)

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value for longer."""
        return bool(self._try("touch", key, timeout, version=version))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value."""
        return bool(self._try("delete", key, version=version))

    def has_key(self, key: str, version: int | None = None) -> bool:
        """Tell whether there is a value."""
        return bool(self._try("has_key", key, version=version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a value.

        :raises ValueError: when there is none.
        """
        return int(self._try("incr", key, delta, version=version))
