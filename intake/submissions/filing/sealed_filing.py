"""A filing and its verdict as they were sealed, for candidates and reviewers. Neither draft nor profile is read."""

from dataclasses import dataclass, replace
from functools import cache

from eligibility import Verdict
from eligibility.codec import verdict_from_json
from intake.dossiers.models import Dossier, Seal, SignedReceipt
from intake.dossiers.sealed_payload import Payload
from intake.dossiers.services import read_seal
from intake.submissions.gate.verdict_display import VerdictDisplay, display_verdict
from intake.submissions.models import Filing, Receipt
from intake.submissions.rulings.queries import (
    latest_by_position,
    refused_positions,
    review_round,
    rulings_on,
)
from intake.web.prepared import columns_of, fetch_one, next_joined, next_model


@dataclass(frozen=True, slots=True)
class SealedFiling:
    """One filing with its receipt and its sealed payload."""

    filing: Filing
    receipt: Receipt
    payload: Payload
    verdict: Verdict
    dossier: Dossier | None
    """None until a worker has generated it."""
    signed: SignedReceipt | None
    """The signed receipt; None until a worker has generated it."""


def read_filing(filing: Filing) -> SealedFiling:
    """Return `filing` with its sealed payload. One prepared statement.

    :raises intake.dossiers.services.AnonymisedError: if the payload was erased.
    """
    values = iter(fetch_one(_seal_sql(), [filing.seal_id]))
    filing.seal = next_model(Seal, values)
    payload = read_seal(filing.seal)
    return SealedFiling(
        filing=filing,
        receipt=filing.receipt,
        payload=payload,
        verdict=verdict_from_json(dict(payload.verdict)),
        dossier=next_joined(Dossier, values),
        signed=next_joined(SignedReceipt, values),
    )


@cache
def _seal_sql() -> str:
    return f"""SELECT {columns_of(Seal, Dossier, SignedReceipt)} FROM dossiers_seal
    LEFT JOIN dossiers_dossier ON dossiers_dossier.seal_id = dossiers_seal.id
    LEFT JOIN dossiers_signedreceipt ON dossiers_signedreceipt.seal_id = dossiers_seal.id
    WHERE dossiers_seal.id = %s"""  # noqa: S608 -- names of ours


def display_filed_verdict(filed: SealedFiling) -> VerdictDisplay:
    """Return the verdict of a filing, each finding with its latest ruling in any review.

    At most two queries; none if the rules refuse nothing.
    """
    is_refused = refused_positions(filed.payload.verdict)
    rulings = latest_by_position(rulings_on(filed.filing)) if is_refused else {}
    turn = review_round(filed.filing) if rulings else 1
    shown = display_verdict(filed.verdict)
    findings = list(shown.findings)
    for position, ruling in rulings.items():
        findings[position] = replace(findings[position], ruling=ruling, judged_again=ruling.turn < turn)
    return replace(shown, findings=tuple(findings))
