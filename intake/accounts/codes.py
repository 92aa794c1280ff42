"""Sign-in codes and links sent by email: their state in the session and their validity. No account is read here."""

import datetime as dt
import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

CODE_LENGTH = 6
SESSION_KEY = "sign_in_pending"
_SALT = "intake.accounts.codes"
_LINK_SALT = "intake.accounts.codes.link"


class LinkRefused(ValueError):
    """The link was altered, was used already, or has expired."""


def code_lifetime() -> dt.timedelta:
    """Return how long a code is valid."""
    return dt.timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT)


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A visitor who claims the address `email` and has not verified it yet.

    `reference` identifies one code, to count its guesses. The code itself is stored nowhere: `digest` is keyed, and
    empty once the code is used up.
    """

    email: str
    reference: str
    digest: str
    sent_at: dt.datetime
    next_path: str = ""

    def dump(self) -> dict[str, str]:
        """Return the session's representation."""
        return asdict(self) | {"sent_at": self.sent_at.isoformat()}

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Self:
        """Return the instance that `dump` stored in the session."""
        return cls(**(kept | {"sent_at": dt.datetime.fromisoformat(kept["sent_at"])}))

    def expired(self, *, at: dt.datetime) -> bool:
        """True if the code has expired at `at` (exclusive)."""
        return at >= self.sent_at + code_lifetime()

    @property
    def used_up(self) -> bool:
        """True if the code had too many guesses."""
        return not self.digest

    def mark_used_up(self) -> Self:
        """Return a copy whose code is no longer valid."""
        return replace(self, digest="")

    def matches(self, code: str) -> bool:
        """Return, in constant time, whether `code` (digits only) is the code that was sent."""
        return not self.used_up and constant_time_compare(
            self.digest, _digest(self.reference, self.email, code)
        )


def issue_code(*, email: str, at: dt.datetime, next_path: str = "") -> tuple[PendingSignIn, str]:
    """Generate a code for `email` (folded); return the session's state and the code."""
    code: str = get_adapter().generate_login_code()
    reference = uuid.uuid4().hex
    digest = _digest(reference, email, code)
    return PendingSignIn(email, reference, digest, sent_at=at, next_path=next_path), code


def mailed_token(*, email: str, at: dt.datetime) -> str:
    """Return the token of a link that proves the mailbox `email` (folded) and was mailed at `at`."""
    return signing.Signer(salt=_LINK_SALT).sign_object([email, at.isoformat()])


def read_mailed_token(token: str, *, at: dt.datetime) -> tuple[str, dt.datetime]:
    """Return the address and the instant of a mailed link. It is valid as long as a code.

    :raises LinkRefused: if this installation did not sign it, or it has expired at `at`.
    """
    try:
        email, sent = signing.Signer(salt=_LINK_SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise LinkRefused from error
    sent_at = dt.datetime.fromisoformat(sent)
    if at >= sent_at + code_lifetime():
        raise LinkRefused
    return email, sent_at


def _digest(reference: str, email: str, code: str) -> str:
    return salted_hmac(_SALT, f"{reference}:{email}:{code}", algorithm="sha256").hexdigest()
