"""Authentication backend of sessions. There is no sign-in by password."""

from typing import Any, override

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

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
        """Return the active user with this primary key. Raw SQL: each request builds this query otherwise."""
        user = next(iter(User.objects.raw("SELECT * FROM accounts_user WHERE id = %s", [user_id])), None)
        return user if user is not None and self.user_can_authenticate(user) else None
