"""Devices on which a person has signed in, remembered by a signed cookie.

A stranger may ask for codes for an address that is not theirs, until its limits are full. A device on which the
address's owner has signed in has limits of its own, which only this device can fill (OWASP, device cookies).
"""

import secrets
from dataclasses import dataclass
from typing import Final, Self

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

_SALT: Final = "intake.accounts.devices"
_MOST_PEOPLE: Final = 5
"""People remembered by one device, the latest first: a shared computer, and a cookie of less than 400 bytes."""
_DIGEST_LENGTH: Final = 22
LIFETIME: Final = 180 * 24 * 3600
"""Seconds since the last sign-in on the device."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser. `people`: keyed digests of the addresses that signed in on it."""

    reference: str
    people: tuple[str, ...]

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Return the device that the cookie of `request` describes, or a new one."""
        try:
            reference, *people = signing.loads(
                request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=LIFETIME
            )
        except signing.BadSignature:
            return cls(secrets.token_urlsafe(12), ())
        return cls(reference, tuple(people))

    def knows(self, email: str) -> bool:
        """Return whether the owner of `email` (folded) signed in on this device."""
        return _digest(email) in self.people

    def remember(self, email: str, response: HttpResponseBase) -> None:
        """Add to `response` the cookie of this device, on which `email` (folded) has just signed in."""
        person = _digest(email)
        people = (person, *(other for other in self.people if other != person))[:_MOST_PEOPLE]
        response.set_cookie(
            settings.DEVICE_COOKIE_NAME,
            signing.dumps([self.reference, *people], salt=_SALT),
            max_age=LIFETIME,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _digest(email: str) -> str:
    return salted_hmac(_SALT, email, algorithm="sha256").hexdigest()[:_DIGEST_LENGTH]
