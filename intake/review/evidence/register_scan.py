"""Job that compares a programme's open files with its participation register when its rows change.

Names and birth dates are read from the seal; only the existence of a match is stored.
"""

from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import transaction

from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.review.access.register_matches import OPEN
from intake.review.delivery_kinds import REGISTER_SCAN
from intake.review.models import RegisterMatch
from intake.submissions.models import Filing, Submission
from offers.models import Programme

from .register_recheck import matches_of, was_matched_at_filing

SLICE: Final = 500
"""Filings that one job compares before it posts the next job, well within a worker's time limit."""
_START: Final = "start-"


def post_register_scan(programme: Programme) -> None:
    """Post a comparison of the open files of `programme` with its register. It runs after the transaction commits.

    :raises intake.outbox.services.OutsideTransactionError: if the caller has no transaction.
    """
    post(kind=REGISTER_SCAN, key=f"{_START}{uuid4()}", subject=programme)


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
    """Return the next current filings of the open files of `programme`, with keys greater than `after`, in order."""
    files = Submission.objects.filter(
        offer__programme=programme, state__in=sorted(OPEN), standing_filing__gt=after
    )
    read = files.select_related("standing_filing__seal", "standing_filing__verdict")
    return [file.standing_filing for file in read.order_by("standing_filing")[:SLICE] if file.standing_filing]


def _keep_matches(filings: list[Filing], programme: Programme) -> None:
    """Store the matches of `filings` that did not exist at filing; delete their other matches."""
    received = {filing.pk: filing.received_at for filing in filings}
    found = matches_of(dict.fromkeys(filings, programme))
    known = {filing.pk for filing in filings if filing.pk in found and was_matched_at_filing(filing)}
    newer = {
        number: match
        for number, match in found.items()
        if match.entered_at > received[number] or number not in known
    }
    RegisterMatch.objects.filter(filing__in=filings).exclude(filing__in=newer).delete()
    RegisterMatch.objects.bulk_create(
        [
            RegisterMatch(filing_id=number, position=match.position, entered_at=match.entered_at)
            for number, match in newer.items()
        ],
        update_conflicts=True,
        unique_fields=["filing"],
        update_fields=["position", "entered_at"],
    )
