"""Compare filings with the participation register again before a selection: it may have new rows since filing.

A match refuses no candidate: a person who knows of it must confirm the ONCE_ONLY finding again. So does a row that was
entered again under a new key. Drafts are never compared (`intake.submissions.gate.register_check`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from eligibility import CriterionKind
from intake.register.errors import NoKeyError
from intake.register.selectors import latest_entries
from intake.review.models import Evidence
from intake.review.pages.sealed_filing import payload_or_none
from intake.submissions.lifecycle.participation import person_of
from intake.submissions.models import Filing
from offers.models import Programme

from .queries import blocking_kinds, latest_evidence_on


@dataclass(frozen=True, slots=True)
class RegisterMatchInfo:
    """Position of a filing's ONCE_ONLY finding, from 0, and when the newest matching register row was entered."""

    position: int
    entered_at: datetime


def matches_of(filings: Mapping[Filing, Programme]) -> dict[int, RegisterMatchInfo]:
    """Return the register matches of the candidates of `filings`, by filing key. Filings without a match are left out.

    Needs the filings' seal and verdict. One query for any number of filings; none if there is no filing.
    """
    positions = {filing.pk: found for filing in filings if (found := _position_of(filing)) is not None}
    asked = {
        filing.pk: (person, programme)
        for filing, programme in filings.items()
        if filing.pk in positions and (person := person_of(filing)) is not None
    }
    try:
        entered = latest_entries(asked)
    except NoKeyError:
        return {}  # without a key, no row can be compared
    return {number: RegisterMatchInfo(positions[number], at) for number, at in entered.items()}


def was_matched_at_filing(filing: Filing) -> bool:
    """True if the register matched the candidate of `filing` when they filed. Needs its seal."""
    payload = payload_or_none(filing.seal)
    if payload is None:
        return False
    return any(finding["observed"].get("register_match") for finding in payload.verdict["findings"])


def positions_to_reconfirm(filings: Mapping[Filing, Programme]) -> dict[int, int]:
    """Return the position of the ONCE_ONLY finding to confirm again, by key of those `filings` that have one.

    The register has a matching row that is newer than the latest confirmation of that finding. Needs the filings' seal
    and verdict. Two queries for any number of filings; none if there is no filing.
    """
    matched = matches_of(filings)
    if not matched:
        return {}
    latest = latest_evidence_on([filing for filing in filings if filing.pk in matched])
    return {
        number: found.position
        for number, found in matched.items()
        if not _is_confirmed(latest.get(number, {}).get(found.position), found.entered_at)
    }


def _is_confirmed(found: Evidence | None, at: datetime) -> bool:
    return found is not None and found.outcome == Evidence.Outcome.CONFIRMED and found.at >= at


def _position_of(filing: Filing) -> int | None:
    kinds = blocking_kinds(filing)
    return next((position for position, kind in kinds.items() if kind == CriterionKind.ONCE_ONLY), None)
