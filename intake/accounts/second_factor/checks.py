"""What was proved in this session, and when: a second factor, the mailbox of the account."""

import time
from typing import Any, Final

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

RECENT: Final = 15 * 60
"""Seconds. A sensitive action asks again after that long."""
AGAIN: Final = "confirmer"
"""Parameter of the way to the provider: a person who is signed in here confirms their identity again."""
PROVIDER: Final = "provider"
"""Type of a check that the identity provider made; the method of its sign-in without such a check."""
MAILBOX: Final = "mailbox"
"""Method of a code that a signed-in person received at the address of their account."""
_SIGN_IN_BY_MAIL: Final = frozenset({"code", "mailed link"})
_FACTOR: Final = "mfa"
_LINK: Final = "link"


def is_checked(request: HttpRequest) -> bool:
    """Return whether the user of this session passed a check of a second factor in it.

    A one-time link counts too, in the settings that allow such links: those of a demonstration.
    """
    return any(record["method"] in _accepted() for record in _records(request))


def is_recently_checked(request: HttpRequest) -> bool:
    """Return whether the last check is at most `RECENT` old. A one-time link counts for the whole session."""
    since = time.time() - RECENT
    return any(
        record["method"] in _accepted() and (record["method"] == _LINK or record["at"] >= since)
        for record in _records(request)
    )


def is_mailbox_proved(request: HttpRequest, *, after_sign_in: bool = False) -> bool:
    """Return whether this session proved the account's present mailbox at most `RECENT` ago: no factor replaces it.

    A sign-in by mail is such a proof too, unless one `after_sign_in` is needed.
    """
    methods = {MAILBOX} if after_sign_in else {MAILBOX, *_SIGN_IN_BY_MAIL}
    address, since = getattr(request.user, "email", ""), time.time() - RECENT
    return any(
        record["method"] in methods and record.get("email") == address and record["at"] >= since
        for record in _records(request)
    )


def is_by_provider(request: HttpRequest) -> bool:
    """Return whether the identity provider vouched for the second factor in this session: it can do so again."""
    return settings.OIDC is not None and any(record.get("type") == PROVIDER for record in _records(request))


def _accepted() -> set[str]:
    return {_FACTOR, _LINK} if settings.ONE_TIME_LINKS is True else {_FACTOR}


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    """Return how the user of this session signed in; nothing about another user."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return records
