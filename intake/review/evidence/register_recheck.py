"""The register of past participants, asked again before a selection: it may have learned of somebody since they filed.

A match refuses nobody: it asks that a person confirm the once-only finding anew, who knows of it. So does a row that a
new key made again. No draft is ever compared (`intake.submissions.gate.register_check`).
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
    """Of a filing: where its once-only finding is, from 0, and when the newest row that may be its person's is from."""

    position: int
    entered_at: datetime


def matches_of(filings: Mapping[Filing, Programme]) -> dict[int, RegisterMatchInfo]:
    """Return what the register holds of the people of `filings`, by number; those it does not know are not in it.

    Read the filings with their seal and verdict; one query whatever their number, none for nobody.
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
        return {}  # nothing that the register holds tells anybody
    return {number: RegisterMatchInfo(positions[number], at) for number, at in entered.items()}


def was_matched_at_filing(filing: Filing) -> bool:
    """Say whether the register held the person of `filing`, read with its seal, when they filed."""
    payload = payload_or_none(filing.seal)
    if payload is None:
        return False
    return any(finding["observed"].get("register_match") for finding in payload.verdict["findings"])


def positions_to_reconfirm(filings: Mapping[Filing, Programme]) -> dict[int, int]:
    """Return the position of the once-only finding of each of `filings` that is to be confirmed anew, by number.

    The register may hold their person by a row that is newer than what stands on that finding. Read the filings with
    their seal and verdict; two queries whatever their number, none for nobody.
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
