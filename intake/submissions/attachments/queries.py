"""What became of the files that were received for a draft."""

from datetime import datetime

from django.db.models import Count, QuerySet

from intake.submissions.models import Draft, PendingUpload
from offers.models import DocumentRequest

_State = PendingUpload.State


def last_uploads(draft: Draft) -> dict[int, PendingUpload]:
    """Return the last file received for each document of the draft, by primary key of its request. One query."""
    rows = draft.pending_uploads.exclude(state=_State.DROPPED).order_by("request_id", "-pk")
    return {row.request_id: row for row in rows.distinct("request_id")}


def refused_additions(draft: Draft, request: DocumentRequest, *, since: datetime) -> QuerySet[PendingUpload]:
    """Return the files that should have been joined to a document and were not, received since `since` (aware)."""
    rows = draft.pending_uploads.filter(request=request, adds=True, received_at__gte=since)
    return rows.filter(state__in=[_State.REFUSED, _State.CHANGED, _State.CLOSED]).order_by("pk")


def files_before(pending: PendingUpload) -> int:
    """Return how many files are inspected before this one. Two queries.

    People take turns: one file of each person who came earlier, and this person's own earlier files.
    """
    earlier = PendingUpload.objects.filter(state=_State.RECEIVED, pk__lt=pending.pk)
    mine = earlier.filter(owner=pending.owner_id)
    others = earlier.exclude(owner=pending.owner_id)
    people: int = others.aggregate(people=Count("owner", distinct=True))["people"]
    return mine.count() + people
