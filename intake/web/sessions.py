"""Session store: sessions are in the database, with a copy in the cache that pages read. They end by two limits."""

import time
from typing import Any, Final

from django.conf import settings
from django.contrib.sessions.backends import cached_db, db

OPENED: Final = "opened_at"
"""Key of a signed-in session: seconds since 1970, in UTC, of its sign-in."""
SEEN: Final = "seen_at"
"""Key of a signed-in session: the same of a request of at most `_SEEN_EVERY` ago, while it is used."""
_SEEN_EVERY: Final = 600
"""Seconds. To write each request would cost a statement each."""


def start_limits(session: Any) -> None:
    """Start the limits of a session that a user has just opened."""
    session[OPENED] = session[SEEN] = int(time.time())


def is_within_limits(data: dict[str, Any]) -> bool:
    """Return whether a signed-in session with these data is still open."""
    now = int(time.time())
    is_idle = now - data[SEEN] >= settings.SESSION_IDLE_SECONDS
    return not is_idle and now - data[OPENED] < settings.SESSION_COOKIE_AGE


class SessionStore(cached_db.SessionStore):
    """Django's `cached_db` store, with limits since the sign-in and since the last request (OWASP ASVS 5.0, 7.3).

    A new, empty session is not copied to the cache.
    """

    def load(self) -> dict[str, Any]:
        """Return the data of the session; none, as of a session that does not exist, beyond one of its limits."""
        data: dict[str, Any] = super().load()
        if OPENED not in data:
            return data
        if not is_within_limits(data):
            self._session_key = None
            return {}
        now = int(time.time())
        if now - data[SEEN] >= _SEEN_EVERY:
            data[SEEN] = now
            self.modified = True
        return data

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's signature
        """Save the session; a new, empty one only in the database.

        Sign-in fills it by a second save: if the cache failed only for that one, the user would appear signed out.
        """
        if must_create:
            db.SessionStore.save(self, must_create=True)
        else:
            super().save()
