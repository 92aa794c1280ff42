"""A cookie that the browser sends to the portal alone, and shows to no script."""

from django.conf import settings
from django.http import HttpResponseBase


def set_private_cookie(response: HttpResponseBase, name: str, value: str, *, lifetime: int) -> None:
    """Set a cookie for `lifetime` seconds, with the protections of the session's own (OWASP ASVS 5.0, 3.3)."""
    response.set_cookie(
        name,
        value,
        max_age=lifetime,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
