"""Compare filings with the participation register again: it may have new rows since filing.

Before a selection, and by a job that compares a programme's open files when the rows of its register change. A match
refuses no candidate: a person who knows of it must confirm the ONCE_ONLY finding again. So does a row that was entered
again under a new key. Drafts are never compared (`intake.submissions.gate.register_check`). Names and birth dates are
read from the seal; only the existence of a match is stored.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import transaction

from eligibility import CriterionKind
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.register.errors import NoKeyError
from intake.register.selectors import latest_entries
from intake.review.access.register_matches import OPEN
from intake.review.delivery_kinds import REGISTER_SCAN
from intake.review.models import Evidence, RegisterMatch
from intake.review.pages.sealed_filing import payload_or_none
from intake.submissions.lifecycle.participation import person_of
from intake.submissions.models import Filing, Submission
from offers.models import Programme

from .queries import blocking_kinds, is_confirmation, latest_evidence_on

SLICE: Final = 500
"""Filings that one job compares before it posts the next job, well within a worker's time limit."""
_START: Final = "start-"


def matches_of(filings: Mapping[Filing, Programme]) -> dict[int, RegisterMatch]:
    """Return the register matches, not stored, of the candidates of those `filings` that have one, by filing key.

    Needs the filings' seal and verdict. One query for any number of filings; none if there is no filing.
    """
    positions = {filing.pk: position for filing in filings if (position := _position_of(filing)) is not None}
    people = {
        filing.pk: (person, programme)
        for filing, programme in filings.items()
        if filing.pk in positions and (person := person_of(filing)) is not None
    }
    try:
        entered = latest_entries(people)
    except NoKeyError:
        return {}  # without a key, no row can be compared
    return {
        number: RegisterMatch(filing_id=number, position=positions[number], entered_at=at)
        for number, at in entered.items()
    }


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
        number: match.position
        for number, match in matched.items()
        if not _is_confirmed_since(match.entered_at, latest.get(number, {}).get(match.position))
    }


def _is_confirmed_since(at: datetime, found: Evidence | None) -> bool:
    return found is not None and is_confirmation(found) and found.at >= at


def _position_of(filing: Filing) -> int | None:
    kinds = blocking_kinds(filing)
    return next((position for position, kind in kinds.items() if kind == CriterionKind.ONCE_ONLY), None)


def post_register_scan(programme: Programme) -> None:
    """Post a comparison of the open files of `programme` with its register. It runs after the transaction commits.

    :raises intake.outbox.services.OutsideTransactionError: if the caller has no transaction.
    """
    post(kind=REGISTER_SCAN, key=f"{_START}{uuid4()}", subject=programme)


def count_files_to_recheck(programme: Programme) -> int:
    """Count the open files of `programme` that a person must check again, because of rows of the register."""
    found = after = 0
    while filings := _open_filings(programme, after):
        found += len(positions_to_reconfirm(dict.fromkeys(filings, programme)))
        after = filings[-1].pk
    return found


def scan_register(delivery: Delivery, at: datetime) -> None:
    """Compare the next open files of the delivery's programme; post a job for the files after them.

    Does nothing if another scan of the programme has not started: it will read all these rows. Idempotent.
    """
    others = Delivery.objects.filter(
        kind=REGISTER_SCAN,
        subject_id=delivery.subject_id,
        state=Delivery.State.PENDING,
        key__startswith=_START,
    )
    if others.exclude(pk=delivery.pk).exists():
        return
    after = 0 if delivery.key.startswith(_START) else int(delivery.key.rsplit("-", 1)[1])
    programme = Programme.objects.get(pk=delivery.subject_id)
    filings = _open_filings(programme, after)
    with transaction.atomic():
        _keep_matches(filings, programme)
        if len(filings) == SLICE:
            begun = delivery.key.removeprefix(_START)[:36]
            key = f"{begun}-{filings[-1].pk}"
            post(kind=REGISTER_SCAN, key=key, subject=programme, at=at)


def _open_filings(programme: Programme, after: int) -> list[Filing]:
    files = Submission.objects.filter(
        offer__programme=programme, state__in=sorted(OPEN), standing_filing__gt=after
    )
    files = files.select_related("standing_filing__seal", "standing_filing__verdict")
    next_files = files.order_by("standing_filing")[:SLICE]
    return [file.standing_filing for file in next_files if file.standing_filing]


def _keep_matches(filings: list[Filing], programme: Programme) -> None:
    """Store the matches of `filings` that did not exist at filing; delete their other matches."""
    received = {filing.pk: filing.received_at for filing in filings}
    matches = matches_of(dict.fromkeys(filings, programme))
    known = {filing.pk for filing in filings if filing.pk in matches and was_matched_at_filing(filing)}
    newer = {
        number: match
        for number, match in matches.items()
        if match.entered_at > received[number] or number not in known
    }
    RegisterMatch.objects.filter(filing__in=filings).exclude(filing__in=newer).delete()
    RegisterMatch.objects.bulk_create(
        newer.values(),
        update_conflicts=True,
        unique_fields=["filing"],
        update_fields=["position", "entered_at"],
    )
