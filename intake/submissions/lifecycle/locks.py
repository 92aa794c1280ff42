"""The one lock of a submission: whoever changes it, its draft or its filings holds this row first."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypedDict

from django.contrib.postgres.functions import TransactionNow
from django.db import connection
from django.db.models import QuerySet

from intake.accounts.models import User
from intake.submissions.access.queries import with_window
from intake.submissions.models import Draft, Submission
from offers.models import Offer, Programme

from .errors import DraftClosedError, DraftGoneError

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class DatabaseInstant(TypedDict):
    """What a locked row is annotated with: the transaction's instant by the database's clock."""

    db_now: datetime


def with_row_locks(
    queryset: QuerySet[Submission],
) -> "QuerySet[WithAnnotations[Submission, DatabaseInstant]]":
    """Return `queryset` locking each row, with its offer, its window and `db_now`, the transaction’s instant."""
    return (
        with_window(queryset)
        .select_for_update(of=("self",))
        .select_related("offer__programme")
        .annotate(db_now=TransactionNow())
        .order_by("pk")
    )


def lock_submission_of(draft: Draft) -> tuple[Submission, datetime]:
    """Lock the submission of `draft`, as `locked` does; return it with the database's instant.

    Needs an open transaction. Its person is read along: a submission never changes hands, so that what is read of them
    is not stale. In words of the database, made once: to make a query anew for each takes longer than the database
    does. The offer is as it was when the statement began, should the lock have been waited for.
    """
    return _read_locked(_offer_sql("offers_offer"), draft)


def lock_to_file(draft: Draft) -> tuple[Submission, datetime]:
    """Do as `lock_submission_of`, and keep the offer from changing where its window is open; for a filing.

    The offer is then as whoever was changing it left it, and so is all that is read of it by the statements that
    follow, until the transaction ends: its criteria, its grid, its documents. Whoever is late waits for nobody there,
    and has nobody wait.
    """
    return _read_locked(_offer_sql("shown"), draft)


def _read_locked(statement: str, draft: Draft) -> tuple[Submission, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [draft.submission_id])
        values = iter(cursor.fetchone())
    submission, offer, programme, candidate = (_model_from_columns(model, values) for model in _LOCKED_MODELS)
    offer.programme, submission.offer, submission.candidate = programme, offer, candidate
    submission.extended_until, submission.complement_until = next(values), next(values)
    return submission, next(values)


_LOCKED_MODELS: Final[tuple[Any, ...]] = (Submission, Offer, Programme, User)
_LOCKED: Final = """
WITH mine AS MATERIALIZED (
    SELECT s.*, (SELECT max(e.closes_at) FROM submissions_personalextension e
        WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id) AS extended_until,
        (SELECT c.due_at FROM submissions_complementrequest c
        WHERE c.submission_id = s.id AND c.ended_at IS NULL) AS complement_until
    FROM submissions_submission s WHERE s.id = %s FOR UPDATE OF s
), held AS MATERIALIZED (
    SELECT o.* FROM offers_offer o JOIN mine ON mine.offer_id = o.id
    WHERE transaction_timestamp() < GREATEST(o.closes_at, mine.extended_until, mine.complement_until)
        FOR SHARE OF o
), shown AS (
    SELECT * FROM held
    UNION ALL
    SELECT o.* FROM offers_offer o JOIN mine ON mine.offer_id = o.id WHERE NOT EXISTS (SELECT FROM held)
)
SELECT {columns}, submissions_submission.extended_until, submissions_submission.complement_until,
    transaction_timestamp()
FROM mine AS submissions_submission
JOIN {offer} AS offers_offer ON offers_offer.id = submissions_submission.offer_id
JOIN offers_programme ON offers_programme.id = offers_offer.programme_id
JOIN accounts_user ON accounts_user.id = submissions_submission.candidate_id
"""
"""The submission's row before the offer's, in the order of the triggers of a filing; `held` is run only if it is read.

Of what it waited for a lock on, PostgreSQL reads the row anew, and looks again whether it is the one wanted: a closing
only ever moves later, so that what was open stays so, and what was late is so for the instant at which it was asked.
The time of a complement alone may end sooner, as the state of the row read anew says: see `Submission.window`.
"""


@cache
def _offer_sql(offer: str) -> str:
    columns = ", ".join(
        f"{model._meta.db_table}.{field.column}"
        for model in _LOCKED_MODELS
        for field in model._meta.concrete_fields
    )
    return _LOCKED.format(columns=columns, offer=offer)


def _model_from_columns(model: Any, values: Iterator[Any]) -> Any:
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
    :raises DraftGoneError: if it was let go meanwhile.
    """
    submission, now = lock_submission_of(draft)
    fresh = Draft.objects.filter(pk=draft.pk).first()
    if fresh is None:
        raise DraftGoneError
    if fresh.closed_at is not None:
        raise DraftClosedError
    fresh.submission = submission
    return submission, fresh, now
