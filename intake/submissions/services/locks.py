"""The one lock of a submission: whoever changes it, its draft or its filings holds this row first."""

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.contrib.postgres.functions import TransactionNow
from django.db.models import QuerySet

from intake.submissions.errors import DraftClosedError
from intake.submissions.models import Draft, Submission
from intake.submissions.selectors import with_extension

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class DatabaseInstant(TypedDict):
    """What a locked row is annotated with: the transaction's instant by the database's clock."""

    db_now: datetime


def locked(
    queryset: QuerySet[Submission],
) -> "QuerySet[WithAnnotations[Submission, DatabaseInstant]]":
    """Return `queryset` locking each row, with its offer, its window and `db_now`, the transaction’s instant."""
    return (
        with_extension(queryset)
        .select_for_update(of=("self",))
        .select_related("offer__programme")
        .annotate(db_now=TransactionNow())
        .order_by("pk")
    )


def lock_submission_of(draft: Draft) -> tuple[Submission, datetime]:
    """Lock the submission of `draft`; return it with the database's instant. Needs an open transaction.

    Its person is read along: a submission never changes hands, so that what is read of them is not stale.
    """
    rows = locked(Submission.objects.filter(pk=draft.submission_id))
    submission = rows.select_related("offer__programme", "candidate").get()
    return submission, submission.db_now


def lock_open_draft(draft: Draft) -> tuple[Submission, Draft, datetime]:
    """Lock the submission of `draft` and read the draft again under that lock.

    :raises DraftClosedError: if it was filed meanwhile.
    """
    submission, now = lock_submission_of(draft)
    fresh = Draft.objects.get(pk=draft.pk)
    if fresh.closed_at is not None:
        raise DraftClosedError
    fresh.submission = submission
    return submission, fresh, now
