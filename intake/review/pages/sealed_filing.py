"""A filing as its page shows it: the sealed content, in the order in which it is assessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from eligibility.bilingual import about_candidate
from intake.dossiers.models import Dossier, Seal
from intake.dossiers.sealed_payload import Payload
from intake.submissions.models import Filing, Ruling, Submission
from intake.web import formats
from offers.criterion_labels import criterion_names

from .labels import Label, verdict_label


@dataclass(frozen=True, slots=True)
class FindingDetails:
    """One criterion: its title, outcome, reason, and the offer's clause."""

    title: str
    outcome: str
    reason: str
    advisory: bool
    register_match: bool
    """True if the register may contain this candidate. `reason`, as sealed for the candidate, does not mention it."""
    clause_text: str
    clause_reference: str
    ruling: Ruling | None
    """The current ruling on this finding, if any."""


@dataclass(frozen=True, slots=True)
class FilingDetails:
    """All that reviewers assess of a filing."""

    filing: Filing
    payload: Payload | None
    """None once anonymised."""
    dossier: Dossier | None
    """None until the PDF is generated."""
    has_receipt: bool
    """True if the signed receipt is generated."""
    verdict: Label
    findings: tuple[FindingDetails, ...]

    @property
    def closes_at(self) -> datetime | None:
        """The offer's closing at filing time, exclusive, in the offer's time zone. None once anonymised."""
        if self.payload is None:
            return None
        call = self.payload.call
        return datetime.fromisoformat(call.closes_at).astimezone(ZoneInfo(call.time_zone))


def current_filing(submission: Submission) -> Filing:
    """Return the current filing of a filed submission. A draft, which has none, raises `ValueError`."""
    if submission.standing_filing is None:
        msg = "a filed submission has a standing filing"
        raise ValueError(msg)
    return submission.standing_filing


def filing_details_of(filing: Filing, rulings: Mapping[int, Ruling]) -> FilingDetails:
    """Return the details of `filing`, each finding with its current ruling from `rulings`, by position.

    Needs the filing's seal, dossier, signed receipt and verdict selected with it.
    """
    payload = payload_or_none(filing.seal)
    found = payload.verdict["findings"] if payload else ()
    titles = criterion_names(row["kind"] for row in found)
    return FilingDetails(
        filing=filing,
        payload=payload,
        dossier=getattr(filing.seal, "dossier", None),
        has_receipt=hasattr(filing.seal, "signed_receipt"),
        verdict=verdict_label(filing.verdict.outcome),
        findings=tuple(
            _finding(title, row, rulings.get(position))
            for position, (title, row) in enumerate(zip(titles, found, strict=True))
        ),
    )


def _finding(title: str, found: Mapping[str, Any], ruling: Ruling | None) -> FindingDetails:
    clause = found.get("clause") or {}
    return FindingDetails(
        title=title,
        outcome=found["outcome"],
        reason=about_candidate(found["reason_en"] if formats.in_english() else found["reason_fr"]),
        advisory=found["effect"] == "ADVISE",
        register_match=bool(found["observed"].get("register_match")),
        clause_text=clause.get("text", ""),
        clause_reference=clause.get("reference", ""),
        ruling=ruling,
    )


def payload_or_none(seal: Seal) -> Payload | None:
    """Return the payload of `seal`, or None once it was anonymised.

    :raises intake.dossiers.sealed_payload.UnknownSchemaError: if its schema number is not supported.
    """
    return None if seal.canonical is None else Payload.parse(seal.canonical)
