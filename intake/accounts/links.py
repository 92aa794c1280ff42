"""Sign-in links for a first visit on one's own machine: signed, for a time, used once.

They exist where the setting `ONE_TIME_LINKS` is True, which only the embedded settings say.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core import signing

LINK_LIFETIME = dt.timedelta(hours=12)
_SIGNER_SALT = "intake.accounts.links"


class OneTimeLinksOff(RuntimeError):
    """This installation does not let anybody in by a link."""


class LinkRefused(ValueError):
    """The link was altered, used already, or is too old."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: who comes in, until when (exclusive), and the sign-in after which it is worth nothing."""

    public_id: uuid.UUID
    expires_at: dt.datetime
    last_login: str


def check_links_enabled() -> None:
    """Do nothing where links are allowed.

    :raises OneTimeLinksOff: where they are not.
    """
    if settings.ONE_TIME_LINKS is not True:
        raise OneTimeLinksOff


def sign_link(link: Link) -> str:
    """Return the token of `link`."""
    return signing.Signer(salt=_SIGNER_SALT).sign_object(
        {"u": link.public_id.hex, "e": link.expires_at.isoformat(), "l": link.last_login}
    )


def read_link(token: str) -> Link:
    """Return what `token` says.

    :raises LinkRefused: if it was not signed here.
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
