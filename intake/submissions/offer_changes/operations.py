"""Acknowledge the changes of the offer of a draft."""

from datetime import datetime

from django.db import transaction

from intake.submissions.lifecycle.locks import lock_open_draft
from intake.submissions.models import Draft
from offers.models import OfferChange


@transaction.atomic
def acknowledge_changes(*, draft: Draft, at: datetime, seen: int | None = None) -> Draft:
    """Store that the candidate knows the changes of the offer up to `at` (aware).

    `seen`: primary key of the newest displayed change; later ones stay unread. The key of another offer's change has
    no effect. Idempotent; an older instant has no effect.

    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    """
    submission, fresh, _now = lock_open_draft(draft)
    until: datetime | None = at
    if seen is not None:
        told = OfferChange.objects.filter(pk=seen, offer=submission.offer_id)
        until = told.values_list("at", flat=True).first()
    if until is not None and until > fresh.changes_noted_at:
        fresh.changes_noted_at = until
        fresh.save(update_fields=["changes_noted_at"])
    return fresh
