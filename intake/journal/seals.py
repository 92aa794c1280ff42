"""Seals of the journal's entries: each proves that a process of the portal wrote the entry, and not its database role.

    seal = key's name "." nonce "." HMAC-SHA-256(key, [nonce, actor's key, "action", "kind", "subject", "detail"])

over UTF-8 JSON with a space after each comma. The key is a secret of the portal's processes (`JOURNAL_KEYS`) and is
not in the database: a thief of the application's database role, but of no process, can insert an entry and cannot
seal it. The database refuses an entry without a seal, and one with a seal that was used before: none can be copied.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Any, Final, override

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

SEAL: Final = r"^[A-Za-z0-9_-]{1,20}\.[A-Za-z0-9_-]{22}\.[0-9a-f]{64}$"
"""Form of a seal."""
_NONCE_BYTES: Final = 16


def seal(content: Sequence[Any]) -> str:
    """Return a new seal of an entry's content (`Entry.sealed_content`), by the current key.

    :raises ImproperlyConfigured: if this process has no key.
    """
    if not settings.JOURNAL_KEYS:
        message = "set the environment variable JOURNAL_KEYS (docs/operations/environment.md says how)"
        raise ImproperlyConfigured(message)
    name = next(iter(settings.JOURNAL_KEYS))
    nonce = secrets.token_urlsafe(_NONCE_BYTES)
    return f"{name}.{nonce}.{_code(name, nonce, content)}"


def is_genuine(written: str, content: Sequence[Any]) -> bool:
    """True if `written` is a seal of `content` by one of the keys of `JOURNAL_KEYS`."""
    name, _dot, rest = written.partition(".")
    nonce, _dot, code = rest.partition(".")
    return name in settings.JOURNAL_KEYS and hmac.compare_digest(code, _code(name, nonce, content))


def _code(name: str, nonce: str, content: Sequence[Any]) -> str:
    text = json.dumps([nonce, *content], ensure_ascii=False)
    return hmac.digest(settings.JOURNAL_KEYS[name].encode(), text.encode(), hashlib.sha256).hex()


class SealField(models.CharField):  # type: ignore[type-arg]  # -- the stubs' parameters are the defaults of a text
    """The seal of an entry, computed as the row is inserted, by whatever operation inserts it."""

    @override
    def pre_save(self, model_instance: Any, add: bool) -> str:
        if add:
            setattr(model_instance, self.attname, seal(model_instance.sealed_content()))
        return str(getattr(model_instance, self.attname))

    @override
    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options
