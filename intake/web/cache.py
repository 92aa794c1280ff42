"""Cache backend that tolerates an outage of its server: pages are served without it, with no noticeable delay.

What it reads from the server cannot execute code: sessions are JSON, and other values are pickled under a keyed digest.
"""

import hashlib
import json
import pickle
import threading
from typing import TYPE_CHECKING, Any, Final

from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property
from redis.exceptions import RedisError

from intake.base.keyed_digests import is_digest, keyed_digests

from .circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PENDING_DELETES: Final = 10_000
"""Maximum of session keys kept during an outage. Beyond it, the whole cache is cleared on recovery."""
_SALT: Final = "intake.web.cache"
_DIGEST_BYTES: Final = hashlib.sha256().digest_size


class JsonSerializer:
    """Values of the sessions: what Django's own store in the database would hold."""

    def dumps(self, value: Any) -> bytes:
        """Return the bytes to store."""
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value of stored bytes, or raise ValueError."""
        return json.loads(data)


class SealedSerializer:
    """Other values: pickled after a digest keyed with `SECRET_KEY`, without which nothing is unpickled."""

    def dumps(self, value: Any) -> bytes | int:
        """Return the bytes to store; a whole number unchanged, for the server to count with."""
        if type(value) is int:
            return value
        data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        return keyed_digests(_SALT, data)[0] + data

    def loads(self, data: bytes) -> Any:
        """Return the value of stored bytes, or raise ValueError if no process of the portal stored them."""
        try:
            return int(data)
        except ValueError:
            given, value = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
        if not is_digest(given, _SALT, value):
            message = "no process of the portal stored this"
            raise ValueError(message)
        return pickle.loads(value)  # noqa: S301 -- the digest proves that a process of the portal wrote it


class _ServerState:
    """One process's view of one server: circuit breaker, session keys to delete on recovery, and local stand-in."""

    def __init__(self, server: str) -> None:
        self.breaker = CircuitBreaker("the cache", self._on_recovery)
        self.stand_in = LocMemCache(server, {})
        self.owed: set[str] = set()
        self.come_back: Callable[[set[str] | None], None] = lambda _owed: None

    def add_pending_delete(self, key: str) -> None:
        """Add a session whose copy in the cache is now stale."""
        if len(self.owed) <= MAX_PENDING_DELETES:
            self.owed.add(key)

    def _on_recovery(self) -> bool:
        owed = set(self.owed)
        self.come_back(None if len(owed) > MAX_PENDING_DELETES else owed)
        self.owed -= owed
        self.stand_in.clear()
        return True


_server_states: dict[tuple[str, float | None], _ServerState] = {}
"""Outage state, per server and socket timeout. A short timeout fails sooner, so it keeps its own state."""
_lock = threading.Lock()


class _Server(RedisCacheClient):
    """Django's client of the server, which keeps one `redis.Redis`: Django makes one for each command."""

    @cached_property
    def _kept(self) -> Any:
        return super().get_client(write=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:  # noqa: ARG002 -- there is one server
        """Return the client."""
        return self._kept


class FaultTolerantRedisCache(RedisCache):
    """Django's cache on Redis or Valkey; while the server does not respond, it behaves as an empty cache.

    Sessions that change during an outage are deleted from the cache before it is used again, so that an old copy cannot
    sign in a user who signed out. All other values, such as rate limits, are kept per process.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Server
        with _lock:
            patience = params.get("OPTIONS", {}).get("socket_timeout")
            self._absence = _server_states.setdefault(
                (server, patience), _ServerState(f"{server} {patience}")
            )
            self._absence.come_back = self._apply_pending_deletes

    def _apply_pending_deletes(self, owed: set[str] | None) -> None:
        """Delete the `owed` keys from the cache; None clears it."""
        self.ask()
        if owed is None:
            self._cache.clear()
        elif owed:
            self._cache.delete_many(list(owed))

    def ask(self) -> None:
        """Ask the server, even during an outage, or raise RedisError."""
        self._cache.get_client(None, write=True).ping()

    def _try(self, name: str, key: str, /, *args: Any, **options: Any) -> Any:
        state = self._absence
        if not state.breaker.is_open:
            try:
                return getattr(super(), name)(key, *args, **options)
            except RedisError as error:
                state.breaker.trip(error)
            except ValueError:
                if name != "get":
                    raise
                # Not ours, or an older format: a miss.
                return args[0] if args else options.get("default")
        if key.startswith(KEY_PREFIX):
            if name in {"add", "set", "delete", "touch"}:
                state.add_pending_delete(self.make_key(key, options.get("version")))
            return args[0] if name == "get" and args else options.get("default")
        return getattr(state.stand_in, name)(key, *args, **options)

    def add(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Store a value unless the key exists."""
        return bool(self._try("add", key, value, timeout, version=version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or `default`."""
        return self._try("get", key, default, version=version)

    def set(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Store a value."""
        self._try("set", key, value, timeout, version=version)

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Extend the lifetime of a value."""
        return bool(self._try("touch", key, timeout, version=version))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Delete a value."""
        return bool(self._try("delete", key, version=version))

    def has_key(self, key: str, version: int | None = None) -> bool:
        """True if the key exists."""
        return bool(self._try("has_key", key, version=version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add `delta` to a value, whose key must exist."""
        return int(self._try("incr", key, delta, version=version))
