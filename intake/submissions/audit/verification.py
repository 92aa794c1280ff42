"""Verify seals, verdicts and dossiers by computing every digest and every verdict again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from eligibility import Rulebook, evaluate
from eligibility.codec import facts_from_json
from intake.documents.invariants import stored_sha256, upload_checker
from intake.documents.models import Upload
from intake.dossiers.models import Dossier, Seal
from intake.dossiers.sealed_payload import Payload, UnknownSchemaError
from intake.dossiers.services import AlteredError, AnonymisedError, verify_seal
from intake.journal.chain import Audit, Difference
from intake.submissions.models import Filing, Verdict
from intake.web.batches import read_in_batches

_BATCH_SIZE: Final = 500
_COMPARED_KEYS: Final = ("kind", "outcome", "effect")
"""Keys of a finding that are compared. The texts are not: a later version may word them differently."""


def verify_seals() -> Audit:
    """Compute the digest of every seal again; stop at the first that differs from its row."""
    audit = Audit()
    for seal in read_in_batches(Seal.objects.order_by("pk"), size=_BATCH_SIZE):
        audit.checked += 1
        try:
            verify_seal(seal)
        except AnonymisedError:
            audit.anonymised += 1
        except AlteredError:
            audit.differs = Difference("dossiers_seal", str(seal.pk), "DIGEST")
            break
    return audit


def verify_verdicts() -> Audit:
    """Evaluate every filing again with its rulebook and sealed facts; stop at the first difference.

    The row, the sealed verdict and the new verdict must be equal.
    """
    audit = Audit()
    rulebooks: dict[int, Rulebook] = {}
    verdicts = Verdict.objects.select_related("filing__seal", "rulebook__offer").order_by("pk")
    for verdict in read_in_batches(verdicts, size=_BATCH_SIZE):
        audit.checked += 1
        sealed = verdict.filing.seal.canonical
        if sealed is None:
            audit.anonymised += 1
            continue
        if verdict.rulebook_id not in rulebooks:
            rulebooks[verdict.rulebook_id] = verdict.rulebook.as_rulebook()
        reason = _compare(verdict, Payload.parse(sealed), rulebooks[verdict.rulebook_id])
        if reason:
            audit.differs = Difference("submissions_verdict", str(verdict.pk), reason)
            break
    return audit


def _compare(verdict: Verdict, payload: Payload, rulebook: Rulebook) -> str:
    """Return the code of the difference between the three verdicts; empty if they are equal."""
    again = evaluate(rulebook, facts_from_json(dict(payload.facts))).as_json()
    if _comparable(again) != _comparable(payload.verdict):
        return "JUDGED_OTHERWISE"
    row = (verdict.outcome, verdict.rulebook_digest, verdict.facts_digest)
    if row != (again["outcome"], again["rulebook_digest"], again["facts_digest"]):
        return "ROW"
    return ""


def _comparable(verdict: Mapping[str, Any]) -> tuple[Any, ...]:
    findings = [tuple(finding[key] for key in _COMPARED_KEYS) for finding in verdict["findings"]]
    return (verdict["outcome"], verdict["rulebook_digest"], verdict["facts_digest"], findings)


@dataclass(slots=True)
class DossiersAudit(Audit):
    """Audit of dossiers. `not_made`: filings whose dossier no worker has generated yet."""

    not_made: int = 0


def verify_dossiers() -> DossiersAudit:
    """Verify each filing from its seal to its PDF dossier; stop at the first row that differs.

    Checks that the seal's digest matches and its payload can be parsed, that the filed documents are those in the
    payload, and that each upload and the dossier have the digest in their row.

    :raises OSError: if the storage does not respond.
    """
    audit = DossiersAudit()
    is_sound = upload_checker()
    filings = Filing.objects.select_related("seal__dossier").prefetch_related("documents__upload")
    for filing in read_in_batches(filings.order_by("pk"), size=_BATCH_SIZE):
        audit.checked += 1
        erased = filing.seal.canonical is None
        audit.anonymised += erased
        dossier: Dossier | None = getattr(filing.seal, "dossier", None)
        audit.not_made += dossier is None and not erased
        audit.differs = (
            _seal_differs(filing) or _documents_differ(filing, is_sound) or _dossier_differs(dossier)
        )
        if audit.differs is not None:
            break
    return audit


def _seal_differs(filing: Filing) -> Difference | None:
    try:
        verify_seal(filing.seal)
        payload = Payload.parse(filing.seal.canonical or "")
    except AnonymisedError:
        return None
    except AlteredError:
        return Difference("dossiers_seal", str(filing.seal_id), "DIGEST")
    except (UnknownSchemaError, ValueError, KeyError, TypeError):
        return Difference("dossiers_seal", str(filing.seal_id), "UNREADABLE")
    named = sorted(document.sha256 for document in payload.documents)
    if named != sorted(row.sha256 for row in filing.documents.all()):
        return Difference("submissions_filing", str(filing.pk), "DOCUMENTS")
    return None


def _documents_differ(filing: Filing, is_sound: Callable[[Upload], bool]) -> Difference | None:
    for row in filing.documents.all():
        if row.sha256 != row.upload.sha256:
            return Difference("submissions_fileddocument", str(row.pk), "DIGEST")
        if not is_sound(row.upload):
            return Difference("documents_upload", str(row.upload_id), "FILE")
    return None


def _dossier_differs(dossier: Dossier | None) -> Difference | None:
    if dossier is None or not dossier.file or stored_sha256(dossier.file) == dossier.sha256:
        return None
    return Difference("dossiers_dossier", str(dossier.pk), "FILE")
