"""Sign-in codes and links sent by email: their state in the browser and their validity. No account is read here."""

import datetime as dt
import uuid
from dataclasses import asdict, dataclass
from typing import Any, Self

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from intake.base.keyed_digests import is_digest, keyed_digests
from intake.web.private_cookie import set_private_cookie

CODE_LENGTH = 6
COOKIE_LIFETIME = 3600
"""Seconds that a browser keeps the address of a sign-in that is under way."""
_SALT = "intake.accounts.codes"
_LINK_SALT = "intake.accounts.codes.link"
_UNDO_SALT = "intake.accounts.codes.undo"  # signed in every link already sent: it never changes


class ProofRefused(ValueError):
    """The code or link was altered, was used already, or has expired."""


def code_lifetime() -> dt.timedelta:
    """Return how long a code is valid."""
    return dt.timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT)


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A visitor who claims the address `email` and has not verified it yet.

    `reference` identifies one code, to count its guesses. The code itself is stored nowhere: `digest` is keyed. All of
    it is in a signed cookie: a visitor leaves nothing on the server.
    """

    email: str
    reference: str
    digest: str
    sent_at: dt.datetime
    next_path: str = ""

    def keep(self, response: HttpResponseBase) -> None:
        """Store the instance in the browser that gets `response`."""
        set_private_cookie(
            response,
            settings.SIGN_IN_COOKIE_NAME,
            signing.dumps(self.to_json(), salt=_SALT, compress=True),
            lifetime=COOKIE_LIFETIME,
        )

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """Return the instance that the browser keeps, or None."""
        value = request.COOKIES.get(settings.SIGN_IN_COOKIE_NAME, "")
        try:
            kept: dict[str, Any] = signing.loads(value, salt=_SALT, max_age=COOKIE_LIFETIME)
        except signing.BadSignature:
            return None
        return cls.from_json(kept)

    def to_json(self) -> dict[str, Any]:
        """Return the instance as JSON objects have it."""
        return asdict(self) | {"sent_at": self.sent_at.isoformat()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return the instance that `to_json` gave."""
        return cls(**(value | {"sent_at": dt.datetime.fromisoformat(value["sent_at"])}))

    def expired(self, *, at: dt.datetime) -> bool:
        """True if the code has expired at `at` (exclusive)."""
        return at >= self.sent_at + code_lifetime()

    def matches(self, code: str) -> bool:
        """Return, in constant time, whether `code` (digits only) is the code that was sent."""
        return is_digest(self.digest, _SALT, f"{self.reference}:{self.email}:{code}")


def issue_code(*, email: str, at: dt.datetime, next_path: str = "") -> tuple[PendingSignIn, str]:
    """Generate a code for `email` (folded); return the browser's state and the code."""
    code: str = get_adapter().generate_login_code()
    reference = uuid.uuid4().hex
    digest = keyed_digests(_SALT, f"{reference}:{email}:{code}")[0].hex()
    return PendingSignIn(email, reference, digest, sent_at=at, next_path=next_path), code


def mailed_token(pending: PendingSignIn) -> str:
    """Return the token of the link in the mail of `pending`: it proves the mailbox, in any browser."""
    return signing.Signer(salt=_LINK_SALT).sign_object(
        [pending.reference, pending.email, pending.sent_at.isoformat()]
    )


def read_mailed_token(token: str, *, at: dt.datetime) -> PendingSignIn:
    """Return the sign-in of a mailed link. It is valid as long as its code, and until one of the two is used.

    :raises ProofRefused: if this installation did not sign it, or it was used, or it has expired at `at`.
    """
    try:
        reference, email, sent = signing.Signer(salt=_LINK_SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise ProofRefused from error
    pending = PendingSignIn(email, reference, digest="", sent_at=dt.datetime.fromisoformat(sent))
    if pending.expired(at=at) or _used_key(reference) in cache:
        raise ProofRefused
    return pending


def undo_token(change: int) -> str:
    """Return the token of the link by which a former mailbox undoes the account change with this key."""
    return signing.Signer(salt=_UNDO_SALT).sign(str(change))


def read_undo_token(token: str) -> int:
    """Return the key of the account change of a link.

    :raises ProofRefused: if this installation did not sign it.
    """
    try:
        return int(signing.Signer(salt=_UNDO_SALT).unsign(token))
    except signing.BadSignature as error:
        raise ProofRefused from error


def use_up(pending: PendingSignIn) -> None:
    """Make the code and the link of one mail invalid, at the first call.

    :raises ProofRefused: at any later call.
    """
    if not cache.add(_used_key(pending.reference), 1, timeout=code_lifetime().total_seconds()):
        raise ProofRefused


def _used_key(reference: str) -> str:
    return f"sign-in-used:{reference}"
