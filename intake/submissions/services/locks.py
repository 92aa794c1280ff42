"""The one lock of a submission: whoever changes it, its draft or its filings holds this row first."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypedDict

from django.contrib.postgres.functions import TransactionNow
from django.db import connection
from django.db.models import QuerySet

from intake.accounts.models import User
from intake.submissions.errors import DraftClosedError
from intake.submissions.models import Draft, Submission
from intake.submissions.selectors import with_extension
from offers.models import Offer, Programme

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
    """Lock the submission of `draft`, as `locked` does; return it with the database's instant, for a filing.

    Needs an open transaction. Its person is read along: a submission never changes hands, so that what is read of them
    is not stale. In words of the database, made once: thousands press the button in the last minute, and to make a
    query anew for each takes longer than the database does.
    """
    with connection.cursor() as cursor:
        cursor.execute(_to_file(), [draft.submission_id])
        values = iter(cursor.fetchone())
    submission, offer, programme, candidate = (_take(model, values) for model in _READ)
    offer.programme, submission.offer, submission.candidate = programme, offer, candidate
    submission.extended_until = next(values)
    return submission, next(values)


_READ: Final[tuple[Any, ...]] = (Submission, Offer, Programme, User)


@cache
def _to_file() -> str:
    columns = ", ".join(
        f"{model._meta.db_table}.{field.column}" for model in _READ for field in model._meta.concrete_fields
    )
    return f"""
SELECT {columns},
    (SELECT max(e.closes_at) FROM submissions_personalextension e
        WHERE e.offer_id = offers_offer.id AND e.candidate_id = accounts_user.id),
    transaction_timestamp()
FROM submissions_submission
JOIN offers_offer ON offers_offer.id = submissions_submission.offer_id
JOIN offers_programme ON offers_programme.id = offers_offer.programme_id
JOIN accounts_user ON accounts_user.id = submissions_submission.candidate_id
WHERE submissions_submission.id = %s FOR UPDATE OF submissions_submission
"""  # noqa: S608 -- names of our own tables and columns


def _take(model: Any, values: Iterator[Any]) -> Any:
    """Return the row of `model` whose columns come next among `values`, as the model itself reads it."""
    fields = model._meta.concrete_fields
    read = [(field, next(values)) for field in fields]
    for index, (field, value) in enumerate(read):
        for convert in field.get_db_converters(connection):
            read[index] = (field, convert(value, None, connection))
    return model.from_db(
        connection.alias, [field.attname for field in fields], [value for _field, value in read]
    )


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
