"""The code sent by e-mail: what the session keeps of it, and when it is worth something.

The account is not looked for before the right code is typed, so nothing that happens here can depend on whether the
address is known.
"""

import datetime as dt
import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from django.utils.crypto import constant_time_compare, salted_hmac

CODE_LENGTH = 6
SESSION_KEY = "sign_in_pending"
_SALT = "intake.accounts.codes"


def code_lifetime() -> dt.timedelta:
    """Return how long a code is worth something."""
    return dt.timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT)


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """Somebody who says they read `email`, and has not proved it yet.

    `reference` names one code, to count its guesses. `digest` is keyed: the code itself is kept nowhere, and the digest
    is empty once the code has been used up.
    """

    email: str
    reference: str
    digest: str
    sent_at: dt.datetime
    next_path: str = ""

    def dump(self) -> dict[str, str]:
        """Return what the session keeps."""
        return asdict(self) | {"sent_at": self.sent_at.isoformat()}

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Self:
        """Return what `dump` gave the session."""
        return cls(**(kept | {"sent_at": dt.datetime.fromisoformat(kept["sent_at"])}))

    def expired(self, *, at: dt.datetime) -> bool:
        """Tell whether the code's time is over at `at` (exclusive)."""
        return at >= self.sent_at + code_lifetime()

    @property
    def used_up(self) -> bool:
        """Tell whether the code was guessed at too many times."""
        return not self.digest

    def mark_used_up(self) -> Self:
        """Return the same person, whose code is worth nothing any more."""
        return replace(self, digest="")

    def matches(self, code: str) -> bool:
        """Tell, in constant time, whether `code` (figures alone) is the one that was sent."""
        return not self.used_up and constant_time_compare(
            self.digest, _digest(self.reference, self.email, code)
        )


def issue_code(*, email: str, at: dt.datetime, next_path: str = "") -> tuple[PendingSignIn, str]:
    """Make a new code for `email` (folded); return what the session keeps, and the code."""
    code: str = get_adapter().generate_login_code()
    reference = uuid.uuid4().hex
    pending = PendingSignIn(
        email=email,
        reference=reference,
        digest=_digest(reference, email, code),
        sent_at=at,
        next_path=next_path,
    )
    return pending, code


def _digest(reference: str, email: str, code: str) -> str:
    return salted_hmac(_SALT, f"{reference}:{email}:{code}", algorithm="sha256").hexdigest()
