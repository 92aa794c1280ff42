"""How Django recognises the person of a session. Nobody signs in by password."""

from typing import Any, override

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest


class NoPasswordBackend(ModelBackend):
    """Django's permissions and sessions, without its passwords."""

    @override
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Recognise nobody: the sign-in flow proves the address instead."""
