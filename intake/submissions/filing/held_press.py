"""A press of the filing button after the session ended: it counts from when it came, once its candidate signs in again.

Nothing of a visitor is stored. The page keeps, encrypted, which session of this process attests when the press came
(`witness`), and sends it with the next press of the same form. The database judges it as it judges any wait: only while
that session's transaction is open, and no arrival commits more than 60 s after the closing.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from intake.base.keyed_digests import keyed_digests

from .arrivals import Cited
from .declarations import DECLARATIONS
from .form_version import COMPLEMENT_FIELD, VERSION_FIELD
from .witness import EVERY_SECONDS, SESSIONS, witnesses

PRESS_FIELD: Final = "press"
"""Name of the form's hidden field."""
LASTS_SECONDS: Final = (SESSIONS - 1) * EVERY_SECONDS
_FIELDS: Final = (VERSION_FIELD, COMPLEMENT_FIELD, "review_message", *(row.key for row in DECLARATIONS))


def hold_press(posted: Mapping[str, str], received_ns: int | None) -> str:
    """Return what attests when the press of `posted` came, encrypted, for the next one; empty if nothing attests it."""
    cited = witnesses.cite(received_ns)
    if cited is None:
        return ""
    microseconds = cited.elapsed // timedelta(microseconds=1)
    return _fernet().encrypt(json.dumps([_digest(posted), cited.witness, microseconds]).encode()).decode()


def held_press_of(posted: Mapping[str, str]) -> Cited | None:
    """Return what attests the earlier press of the same form, a minute ago at most; None if there was none."""
    try:
        kept = _fernet().decrypt(posted.get(PRESS_FIELD, ""), ttl=LASTS_SECONDS)
    except InvalidToken:
        return None
    digest, witness, microseconds = json.loads(kept)
    return Cited(witness, timedelta(microseconds=microseconds)) if digest == _digest(posted) else None


def _digest(posted: Mapping[str, str]) -> str:
    """Return a digest of what the press files: another text or version is another press."""
    fields = [posted.get(name, "").replace("\r\n", "\n").strip() for name in _FIELDS]
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _fernet() -> MultiFernet:
    keys = keyed_digests("intake.submissions.held_press")
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
