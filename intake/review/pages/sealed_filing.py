"""The file as a page shows it: what was sealed, put in the order in which it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from intake.dossiers.models import Dossier, Seal
from intake.dossiers.payload import Payload
from intake.submissions.models import Filing, Ruling
from intake.web import formats
from offers.criterion_labels import criterion_names

from .labels import Label, verdict_label


@dataclass(frozen=True, slots=True)
class FindingDetails:
    """One criterion: what it is about, what the rules found, why, and the offer's own sentence."""

    title: str
    outcome: str
    reason: str
    advisory: bool
    register_match: bool
    """The register of past participants may hold this person: the reason, which they read, does not say so."""
    clause_text: str
    clause_reference: str
    ruling: Ruling | None
    """What a person judged of it since, if anybody did."""


@dataclass(frozen=True, slots=True)
class FilingDetails:
    """All that is judged, from the filing that stands."""

    filing: Filing
    payload: Payload | None
    """None once anonymised."""
    dossier: Dossier | None
    """None until it is built."""
    has_receipt: bool
    """Whether the signed receipt is made."""
    verdict: Label
    findings: tuple[FindingDetails, ...]

    @property
    def closes_at(self) -> datetime | None:
        """The offer's closing when this was filed, exclusive, on the offer's clock; None once anonymised."""
        if self.payload is None:
            return None
        call = self.payload.call
        return datetime.fromisoformat(call.closes_at).astimezone(ZoneInfo(call.time_zone))

    @property
    def born_on(self) -> date | None:
        """The day of birth as filed."""
        return self.payload.person.born_on if self.payload else None


def filing_details_of(filing: Filing, rulings: Mapping[int, Ruling]) -> FilingDetails:
    """Return what `filing` sealed, each finding with the ruling that stands on it, by position.

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
        reason=found["reason_en"] if formats.in_english() else found["reason_fr"],
        advisory=found["effect"] == "ADVISE",
        register_match=bool(found["observed"].get("register_match")),
        clause_text=clause.get("text", ""),
        clause_reference=clause.get("reference", ""),
        ruling=ruling,
    )


def payload_or_none(seal: Seal) -> Payload | None:
    """Return what `seal` holds, or None once it was anonymised.

    :raises intake.dossiers.payload.UnknownSchemaError: if it was sealed in a shape this code does not read.
    """
    return None if seal.canonical is None else Payload.parse(seal.canonical)
