"""Sign-in links for a first visit on a developer's machine: signed, time-limited, usable once.

They exist if the setting `ONE_TIME_LINKS` is True, as only the embedded settings have it.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core import signing

LINK_LIFETIME = dt.timedelta(hours=12)
_SIGNER_SALT = "intake.accounts.links"


class OneTimeLinksOff(RuntimeError):
    """This installation does not allow sign-in by a link."""


class LinkRefused(ValueError):
    """The link was altered, was used already, or has expired."""


@dataclass(frozen=True, slots=True)
class Link:
    """Content of a link: user, expiry (exclusive), and last sign-in; the next sign-in makes the link invalid."""

    public_id: uuid.UUID
    expires_at: dt.datetime
    last_login: str


def check_links_enabled() -> None:
    """Return if links are enabled.

    :raises OneTimeLinksOff: otherwise.
    """
    if settings.ONE_TIME_LINKS is not True:
        raise OneTimeLinksOff


def sign_link(link: Link) -> str:
    """Return the token of `link`."""
    return signing.Signer(salt=_SIGNER_SALT).sign_object(
        {"u": link.public_id.hex, "e": link.expires_at.isoformat(), "l": link.last_login}
    )


def read_link(token: str) -> Link:
    """Return the link of `token`.

    :raises LinkRefused: if this installation did not sign it.
    """
    try:
        said = signing.Signer(salt=_SIGNER_SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise LinkRefused from error
    return Link(
        public_id=uuid.UUID(said["u"]),
        expires_at=dt.datetime.fromisoformat(said["e"]),
        last_login=said["l"],
    )
