"""A filing as it is read afterwards, by its candidate or its reviewers: from the seal, and nothing else."""

from dataclasses import dataclass

from eligibility import Verdict
from eligibility.codec import verdict_from_json
from intake.dossiers.models import Dossier, SignedReceipt
from intake.dossiers.payload import Payload
from intake.dossiers.services import read_seal
from intake.submissions.models import Filing, Receipt


@dataclass(frozen=True, slots=True)
class SealedFiling:
    """One filing with its proof and all that it sealed."""

    filing: Filing
    receipt: Receipt
    payload: Payload
    verdict: Verdict
    dossier: Dossier | None
    """None until the worker has made it."""
    signed: SignedReceipt | None
    """The receipt as a PDF; None until the worker has made it."""


def read_filing(filing: Filing) -> SealedFiling:
    """Return `filing` as it was sealed.

    :raises intake.dossiers.services.AnonymisedError: if what was sealed was erased.
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
