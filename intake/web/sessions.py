"""Session store: sessions are in the database, with a copy in the cache that pages read."""

from django.contrib.sessions.backends import cached_db, db


class SessionStore(cached_db.SessionStore):
    """Django's `cached_db` store, except that a new, empty session is not copied to the cache."""

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's signature
        """Save the session; a new, empty one only in the database.

        Sign-in fills it by a second save: if the cache failed only for that one, the user would appear signed out.
        """
        if must_create:
            db.SessionStore.save(self, must_create=True)
        else:
            super().save()
