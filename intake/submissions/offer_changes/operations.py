"""Taking note of what was done to the offer while a candidature is being prepared."""

from datetime import datetime

from django.db import transaction

from intake.submissions.lifecycle.locks import lock_open_draft
from intake.submissions.models import Draft
from offers.models import OfferChange


@transaction.atomic
def acknowledge_changes(*, draft: Draft, at: datetime, seen: int | None = None) -> Draft:
    """Keep that the draft's person knows what was done to the offer until `at`, an aware instant.

    `seen` is the primary key of the newest change that the page told: what was done after it stays news. One that is
    not the offer's changes nothing. Doing it twice, or late, takes nothing back.

    :raises DraftClosedError: if the draft was filed, or let go, meanwhile.
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
