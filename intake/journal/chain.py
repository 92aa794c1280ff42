"""Verification of the journal: computes the hash chains again to detect entries changed, inserted or removed.

Each entry also has a seal, which only a process of the portal can make (`intake.journal.seals`).

The database writes one link for each new entry (`sql/link_journal_entry.sql`). The same computation here is:

    commitment = SHA-256(salt, then [actor's key, "subject kind", "subject", "detail"])
    digest = SHA-256(digest before, or 64 zeros, then [entry's key, lane, position, "instant", "action", "commitment"])

as lower-case hexadecimal, over UTF-8 JSON with a space after each comma, the instant in UTC to the microsecond.
Personal data of an entry are only in the salted commitment: once they and the salt are erased, they cannot be guessed
from the rest, and the chain stays valid.

A chain proves the entries before its last digest. An attacker who owns the database could rewrite a whole chain or
truncate it: store a run's `heads` elsewhere, and compare them in a later run (`Heads`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final

from django.db import connection, transaction

from intake.journal.seals import is_genuine

_START: Final = "0" * 64
_BATCH_SIZE: Final = 2000

_LINKS: Final = """
SELECT l.lane, l.position, l.entry_id, l.salt::text, l.commitment, l.digest,
    e.id, e.at, e.action, e.actor_id, e.subject_kind, e.subject_id, e.detail, e.seal
FROM journal_link l LEFT JOIN journal_entry e ON e.id = l.entry_id
ORDER BY l.lane, l.position
"""
_RECENT: Final = """
SELECT e.id, e.seal, e.actor_id, e.action, e.subject_kind, e.subject_id, e.detail
FROM journal_entry e JOIN journal_link l ON l.entry_id = e.id
WHERE e.at > transaction_timestamp() - interval '3 days' AND l.salt IS NOT NULL
ORDER BY e.id
"""
_WITHOUT_LINK: Final = """
SELECT e.id FROM journal_entry e WHERE NOT EXISTS (SELECT FROM journal_link l WHERE l.entry_id = e.id)
ORDER BY e.id LIMIT 1
"""

type Heads = Mapping[int, tuple[int, str]]
"""Per lane: the position and the digest of one link."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row that fails verification: its table, its key, and a reason code."""

    table: str
    row: str
    reason: str


@dataclass(slots=True)
class Audit:
    """Result of a verification: number of rows, number of erased rows, and the last link of each chain."""

    checked: int = 0
    anonymised: int = 0
    heads: dict[int, tuple[int, str]] = field(default_factory=dict)
    differs: Difference | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    lane: int
    position: int
    entry: int
    salt: str | None
    commitment: str
    digest: str
    key: int | None
    """Key of the entry. This field and those below are None if the entry is missing."""
    at: Any
    action: str
    actor: int | None
    subject_kind: str
    subject: str
    detail: str
    seal: str


def verify_chains(*, since: Heads | None = None) -> Audit:
    """Compute every link again; stop at the first row that differs. Entries may be added concurrently.

    `since` contains the heads of an earlier run; each must still be a link of its chain.
    """
    audit = Audit()
    wanted = dict(since or {})
    with transaction.atomic():
        for row in _rows():
            audit.differs = _check_row(row, audit.heads) or _check_seal(row)
            if audit.differs is None and wanted.get(row.lane, (0, ""))[0] == row.position:
                _position, digest = wanted.pop(row.lane)
                audit.differs = None if row.digest == digest else _differs(row, "WRITTEN_AGAIN")
            if audit.differs is not None:
                return audit
            audit.heads[row.lane] = (row.position, row.digest)
            audit.checked += 1
            audit.anonymised += row.salt is None
        audit.differs = _without_link() or _shortened(wanted)
    return audit


def forged_entries() -> Iterator[str]:
    """Yield the key of each entry of the last three days whose seal is not one of the portal's."""
    with (
        transaction.atomic()
    ):  # a pooler between the portal and PostgreSQL keeps a cursor for a transaction only
        forged = [
            str(key) for key, written, *content in _fetched(_RECENT) if not is_genuine(written, content)
        ]
    yield from forged


def _rows() -> Iterator[_Row]:
    yield from (_Row(*row) for row in _fetched(_LINKS))


def _fetched(query: str) -> Iterator[Sequence[Any]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(_BATCH_SIZE):
            yield from rows


def _check_row(row: _Row, heads: Heads) -> Difference | None:
    position, before = heads.get(row.lane, (0, _START))
    if row.position != position + 1:
        return _differs(row, "LINK_MISSING")
    if row.key is None:
        return _differs(row, "ENTRY_MISSING")
    committed = [row.actor, row.subject_kind, row.subject, row.detail]
    if row.salt is not None and _sha256(row.salt, committed) != row.commitment:
        return _differs(row, "CONTENT")
    instant = f"{row.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    linked = [row.entry, row.lane, row.position, instant, row.action, row.commitment]
    if _sha256(before, linked) != row.digest:
        return _differs(row, "CHAIN")
    return None


def _check_seal(row: _Row) -> Difference | None:
    """Compare the seal, unless the entry is erased."""
    if row.salt is None:
        return None
    content = [row.actor, row.action, row.subject_kind, row.subject, row.detail]
    return None if is_genuine(row.seal, content) else _differs(row, "SEAL")


def _sha256(before: str, values: Sequence[Any]) -> str:
    return hashlib.sha256((before + json.dumps(values, ensure_ascii=False)).encode()).hexdigest()


def _without_link() -> Difference | None:
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_LINK)
        entry = cursor.fetchone()
    return Difference("journal_entry", str(entry[0]), "LINK_MISSING") if entry else None


def _shortened(wanted: Heads) -> Difference | None:
    for lane, (position, _digest) in wanted.items():
        return Difference("journal_link", f"{lane}.{position}", "CUT_OFF")
    return None


def _differs(row: _Row, reason: str) -> Difference:
    return Difference("journal_entry", str(row.entry), reason)
