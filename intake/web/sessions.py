"""Sessions: in the database, with a copy in the cache that pages read."""

from django.contrib.sessions.backends import cached_db, db


class SessionStore(cached_db.SessionStore):
    """Django's own, but for the copy of a session that holds nothing yet."""

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's signature
        """Save the session; one that is being made, empty, in the database alone.

        Whoever signs in is given one so, which a second save fills. Were the cache away for that second one alone, the
        empty copy of the first would pass for the session, and the person for a stranger.

        :raises django.contrib.sessions.backends.base.UpdateError: if it was ended meanwhile.
        """
        if must_create:
            db.SessionStore.save(self, must_create=True)
        else:
            super().save()
