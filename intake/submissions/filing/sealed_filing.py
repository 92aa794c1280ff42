"""A filing and its verdict as they were sealed, for candidates and reviewers. Neither draft nor profile is read."""

from dataclasses import dataclass, replace

from eligibility import Verdict
from eligibility.codec import verdict_from_json
from intake.dossiers.models import Dossier, SignedReceipt
from intake.dossiers.sealed_payload import Payload
from intake.dossiers.services import read_seal
from intake.submissions.gate.verdict_display import VerdictDisplay, display_verdict
from intake.submissions.models import Filing, Receipt
from intake.submissions.rulings.queries import latest_by_position, review_round, rulings_on


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
    """Return `filing` with its sealed payload.

    :raises intake.dossiers.services.AnonymisedError: if the payload was erased.
    """
    payload = read_seal(filing.seal)
    return SealedFiling(
        filing=filing,
        receipt=filing.receipt,
        payload=payload,
        verdict=verdict_from_json(dict(payload.verdict)),
        dossier=Dossier.objects.filter(seal_id=filing.seal_id).first(),
        signed=SignedReceipt.objects.filter(seal_id=filing.seal_id).first(),
    )


def display_filed_verdict(filed: SealedFiling) -> VerdictDisplay:
    """Return the verdict of a filing, each finding with its latest ruling in any review. At most two queries."""
    rulings = latest_by_position(rulings_on(filed.filing))
    turn = review_round(filed.filing) if rulings else 1
    shown = display_verdict(filed.verdict)
    findings = list(shown.findings)
    for position, ruling in rulings.items():
        findings[position] = replace(findings[position], ruling=ruling, judged_again=ruling.turn < turn)
    return replace(shown, findings=tuple(findings))
