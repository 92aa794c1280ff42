"""Devices on which a person has signed in, remembered by a signed cookie.

A stranger may ask for codes for an address that is not theirs, until its limits are full. A device on which the
address's owner has signed in has limits of its own, which only this device can fill (OWASP, device cookies). It
forgets that person when all sessions of the account are ended.
"""

import secrets
from dataclasses import dataclass
from typing import Final, Self

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from intake.accounts.models import User
from intake.base.keyed_digests import keyed_digests
from intake.web.private_cookie import set_private_cookie

_SALT: Final = "intake.accounts.devices"
_MOST_PEOPLE: Final = 5
"""Digests kept by one device, the latest first: a shared computer, and a cookie of less than 400 bytes."""
_DIGEST_LENGTH: Final = 22
_CHECKED: Final = "checked|"
"""Precedes the address in the digest of a person whose second factor was checked on the device."""
LIFETIME: Final = 180 * 24 * 3600
"""Seconds since the last sign-in on the device."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser. `people`: keyed digests of the accounts that signed in on it, since their sessions were last ended.

    A second digest of an account says that its second factor was checked there.
    """

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
        """Return whether the owner of `email` (folded) signed in on this device.

        A device that remembers no person, as a stranger's, reads no account.
        """
        if not self.people:
            return False
        password = User.objects.filter(email=email).values_list("password", flat=True).first()
        return self._has(email, password or "")

    def is_checked(self, user: User) -> bool:
        """Return whether the second factor of `user` was checked on this device."""
        return self._has(_CHECKED + user.email, user.password)

    def _has(self, email: str, password: str) -> bool:
        return not set(self.people).isdisjoint(_digests(email, password))

    def remember(self, user: User, response: HttpResponseBase, *, checked: bool = False) -> None:
        """Add to `response` the cookie of this device, on which `user` has just signed in, or `checked` a factor."""
        person, *older = _digests(f"{_CHECKED if checked else ''}{user.email}", user.password)
        others = (other for other in self.people if other not in {person, *older})
        people = (person, *others)[:_MOST_PEOPLE]
        set_private_cookie(
            response,
            settings.DEVICE_COOKIE_NAME,
            signing.dumps([self.reference, *people], salt=_SALT),
            lifetime=LIFETIME,
        )


def _digests(email: str, password: str) -> list[str]:
    """Return the digest of an account, then those under older keys.

    `password`: unusable and random, new each time that the sessions are ended.
    """
    return [digest.hex()[:_DIGEST_LENGTH] for digest in keyed_digests(_SALT, f"{email}:{password}")]
