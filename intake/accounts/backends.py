"""Users of sessions. There is no sign-in by password."""

from functools import cache
from typing import Any, cast, override

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from intake.web.prepared import columns_of, fetch_one, next_model

from .models import User


class NoPasswordBackend(ModelBackend):
    """Django's permissions and sessions, without passwords."""

    @override
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Return None: the sign-in flow verifies the address instead."""

    @override
    def get_user(self, user_id: int) -> User | None:
        """Return the active user with this primary key. Prepared: each request builds this query otherwise."""
        row = fetch_one(_user_sql(), [user_id])
        user = next_model(User, iter(row)) if row else None
        return user if user is not None and self.user_can_authenticate(user) else None


@cache
def _user_sql() -> str:
    return f"SELECT {columns_of(User)} FROM accounts_user WHERE id = %s"  # noqa: S608 -- names of ours


class SessionUserMiddleware(AuthenticationMiddleware):
    """Django's, which signs nobody out while `SECRET_KEY_FALLBACKS` accepts an older key.

    Django would give the session another key: a second request under way would be signed out, and the row that names
    the session's owner and device be deleted.
    """

    @override
    def process_request(self, request: HttpRequest) -> None:
        """Give the request its user, read when first used."""
        super().process_request(request)
        if settings.SECRET_KEY_FALLBACKS:
            request.user = cast("User", SimpleLazyObject(lambda: _user_of(request)))


def _user_of(request: HttpRequest) -> User | AnonymousUser:
    """Return the user of the session; one that an older key opened goes on under the current key."""
    session = request.session
    user = NoPasswordBackend().get_user(session[SESSION_KEY]) if SESSION_KEY in session else None
    digest = session.get(HASH_SESSION_KEY, "")
    if user is not None and any(
        constant_time_compare(digest, each) for each in user.get_session_auth_fallback_hash()
    ):
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    return get_user(request)


def is_signed_in_as(request: HttpRequest, user: User) -> bool:
    """Return whether the session of `request` is that of the active `user`, as `django.contrib.auth.get_user` decides.

    For callers that read the user with something else. `user` needs its key and its password alone. False too for a
    session that Django must renew, as after a change of `SECRET_KEY`.
    """
    session = request.session
    return (
        session.get(SESSION_KEY) == str(user.pk)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )
