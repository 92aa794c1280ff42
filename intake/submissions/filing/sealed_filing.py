"""Read a filing from its seal, for candidates and reviewers. Neither draft nor profile is read."""

from dataclasses import dataclass

from eligibility import Verdict
from eligibility.codec import verdict_from_json
from intake.dossiers.models import Dossier, SignedReceipt
from intake.dossiers.sealed_payload import Payload
from intake.dossiers.services import read_seal
from intake.submissions.models import Filing, Receipt


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
