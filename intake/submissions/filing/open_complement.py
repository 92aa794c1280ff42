"""An open complement request as a filing reads it under the lock, with the answers and documents filed before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.dossiers.sealed_payload import SealedComplement
from intake.submissions.complements.scope import Scope

from .payload import sealed_complement


@dataclass(frozen=True, slots=True)
class OpenComplement:
    """An open complement request and what the current filing contains."""

    pk: int
    sealed: SealedComplement
    due_at: datetime
    """Exclusive."""
    scope: Scope
    answers: Mapping[str, Any]
    """Answers of the draft that was filed."""
    files: Mapping[int, str]
    """SHA-256 of each filed document, by primary key of its document request."""


def parse_open_complement(row: Mapping[str, Any] | None) -> OpenComplement | None:
    """Return the request that `read_filing_inputs` read as the JSON object `row`; None if `row` is None."""
    if row is None:
        return None
    asked_at, due_at = (datetime.fromisoformat(row[name]) for name in ("asked_at", "due_at"))
    return OpenComplement(
        pk=row["id"],
        sealed=sealed_complement(asked_at=asked_at, words=row["words"], due_at=due_at),
        due_at=due_at,
        scope=Scope(frozenset(row["sections"]), frozenset(row["documents"])),
        answers=row["answers"],
        files={int(request_id): digest for request_id, digest in row["files"].items()},
    )
