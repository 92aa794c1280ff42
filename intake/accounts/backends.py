"""Authentication backend of sessions. There is no sign-in by password."""

from typing import Any, override

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest


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
