"""Whether processes have the same keys, by what each leaves in the database: a fingerprint of each current key.

A process that starts accepts the current key of every process that runs, as its own or as an older one, or does not
start: it could not read what they sign. What it signs, those that started before may not read yet.
"""

from typing import Any, Final

from django.conf import settings

from intake.outbox.policy import BEAT_SECONDS, SILENT_SECONDS
from intake.settings.services import derived_secret
from intake.signing.services import known_keys

_NAMED: Final = ("JOURNAL_KEYS", "REGISTER_KEYS", "SECOND_FACTOR_KEYS")
_ALIVE: Final = """
SELECT variable, fingerprint FROM outbox_keyinuse WHERE seen_at > clock_timestamp() - make_interval(secs => %s)
"""
_WRITE: Final = """
INSERT INTO outbox_keyinuse AS k (variable, fingerprint, seen_at)
SELECT *, clock_timestamp() FROM unnest(%s::text[], %s::text[])
ON CONFLICT (variable, fingerprint) DO UPDATE SET seen_at = excluded.seen_at
WHERE k.seen_at < excluded.seen_at - make_interval(secs => %s)
"""


def fingerprints() -> dict[str, list[str]]:
    """Return those of the keys of this process by variable, the current key's first. They reveal no secret."""
    secrets: list[Any] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    found = {"SECRET_KEY": [_fingerprint(secret) for secret in secrets]}
    for variable in _NAMED:
        keys: dict[str, str] = getattr(settings, variable)
        found[variable] = [_fingerprint(f"{name}:{secret}") for name, secret in keys.items()]
    found["SIGNING_KEYS"] = [*known_keys().keys]  # of the public halves, all that a web server has
    return {variable: values for variable, values in found.items() if values}


def _fingerprint(secret: str) -> str:
    return derived_secret(secret, "fingerprint")


def find_other_key(connection: Any) -> str:
    """Return the variable whose current key another process has and this one does not accept; else an empty text.

    Then it writes the first sign of this process's keys. One that has a current key of a running process starts too:
    the first wrong process does not keep the right ones out. `connection`: of psycopg, in a transaction.
    """
    connection.execute("LOCK TABLE outbox_keyinuse IN SHARE ROW EXCLUSIVE MODE")  # two may start at once
    alive = set(connection.execute(_ALIVE, [SILENT_SECONDS]).fetchall())
    for variable, (current, *older) in fingerprints().items():
        others = {fingerprint for name, fingerprint in alive if name == variable}
        if current not in others and not others <= set(older):
            return variable
    connection.execute("DELETE FROM outbox_keyinuse WHERE seen_at < clock_timestamp() - interval '1 day'")
    sign_keys(connection)
    return ""


def sign_keys(cursor: Any) -> None:
    """Write that a process with these current keys runs, if no other has within `BEAT_SECONDS`."""
    current = {variable: values[0] for variable, values in fingerprints().items()}
    cursor.execute(_WRITE, [list(current), list(current.values()), BEAT_SECONDS])
