"""Row lock of a submission. Every change of it, of its draft or of its filings takes this lock first."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final, TypedDict
from uuid import UUID

from django.contrib.postgres.functions import TransactionNow
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet
from django_stubs_ext import WithAnnotations

from intake.accounts.models import User
from intake.base.database_errors import broken_constraint
from intake.submissions.access.queries import EXTENDED_UNTIL, with_window
from intake.submissions.models import Arrival, Draft, Submission
from intake.web.prepared import columns_of, fetch_one, next_model
from offers.models import Offer, Programme

from .errors import DraftArrivedError, DraftClosedError, DraftGoneError


class DatabaseInstant(TypedDict):
    """Annotation of a locked row: the database's transaction timestamp."""

    db_now: datetime


type DatedSubmission = WithAnnotations[Submission, DatabaseInstant]


def with_row_locks(queryset: QuerySet[Submission]) -> QuerySet[DatedSubmission]:
    """Return `queryset` with FOR UPDATE, offer, window and `db_now`, the transaction timestamp; ordered by key."""
    return (
        with_window(queryset)
        .select_for_update(of=("self",))
        .select_related("offer__programme")
        .annotate(db_now=TransactionNow())
        .order_by("pk")
    )


def lock_to_file(draft: Draft) -> tuple[Submission, datetime]:
    """Lock the submission of `draft`, and its offer FOR SHARE if the window is open. For a filing.

    Return the submission with the transaction timestamp. It waits for a concurrent change of the offer, which is then
    visible. Later statements of the transaction read a stable offer: criteria, grid, documents. A late request takes
    no lock on the offer. `arrived_at` of the submission is the instant of the arrival that waits for its draft, or
    None.
    """
    return _read(_offer_sql("shown"), draft)


def read_submission(draft: Draft) -> tuple[Submission, datetime]:
    """Return what `lock_to_file` returns, without a lock: for a page that says why nothing is filed."""
    return _read(_offer_sql("offers_offer", lock=""), draft)


def _read(statement: str, draft: Draft) -> tuple[Submission, datetime]:
    """Return the submission of `draft` with offer, window, arrival and candidate, and the transaction timestamp.

    With a lock, as `with_row_locks` takes, it needs a transaction. The candidate is read too: a submission never
    changes its candidate, so this is not stale. Raw SQL, built once: building the queryset for each call takes longer
    than running it.
    """
    return _submission_from(iter(fetch_one(statement, [draft.submission_id])))


def _submission_from(values: Iterator[Any]) -> tuple[Submission, datetime]:
    submission, offer, programme, candidate = (next_model(model, values) for model in _LOCKED_MODELS)
    offer.programme, submission.offer, submission.candidate = programme, offer, candidate
    submission.extended_until, submission.complement_until = next(values), next(values)
    submission.arrived_at = next(values)
    return submission, next(values)


_LOCKED_MODELS: Final[tuple[Any, ...]] = (Submission, Offer, Programme, User)
_LOCKED: Final = """
WITH mine AS MATERIALIZED (
    SELECT s.*, {extended_until} AS extended_until,
        (SELECT c.due_at FROM submissions_complementrequest c
        WHERE c.submission_id = s.id AND c.ended_at IS NULL) AS complement_until,
        waits_since(s.id) AS arrived_at
    FROM submissions_submission s WHERE {mine} {lock}
), held AS MATERIALIZED (
    SELECT o.* FROM offers_offer o JOIN mine ON mine.offer_id = o.id
    WHERE COALESCE(mine.arrived_at, transaction_timestamp())
        < GREATEST(o.closes_at, mine.extended_until, mine.complement_until)
        FOR SHARE OF o
), shown AS (
    SELECT * FROM held
    UNION ALL
    SELECT o.* FROM offers_offer o JOIN mine ON mine.offer_id = o.id WHERE NOT EXISTS (SELECT FROM held)
)
SELECT {columns}, submissions_submission.extended_until, submissions_submission.complement_until,
    submissions_submission.arrived_at, transaction_timestamp(){draft_columns}
FROM mine AS submissions_submission
JOIN {offer} AS offers_offer ON offers_offer.id = submissions_submission.offer_id
JOIN offers_programme ON offers_programme.id = offers_offer.programme_id
JOIN accounts_user ON accounts_user.id = submissions_submission.candidate_id
{draft}"""
"""Locks the submission before the offer, in the order of the filing triggers. `held` runs only if the query reads it.

After a wait for a row lock, PostgreSQL reads the row again and checks the condition again. A closing only moves later:
an open window stays open, and a late request stays late for its transaction timestamp. Only the time for a complement
can end earlier; the state of the re-read submission shows it: see `Submission.window`.
"""


@cache
def _offer_sql(offer: str, *, lock: str = "FOR UPDATE OF s") -> str:
    return _LOCKED.format(
        columns=columns_of(*_LOCKED_MODELS),
        offer=offer,
        extended_until=EXTENDED_UNTIL,
        mine="s.id = %s",
        lock=lock,
        draft_columns="",
        draft="",
    )


@cache
def _own_draft_sql() -> str:
    return _LOCKED.format(
        columns=columns_of(*_LOCKED_MODELS),
        offer="offers_offer",
        extended_until=EXTENDED_UNTIL,
        mine="s.public_id = %s AND s.candidate_id = %s",
        lock="",
        draft_columns=f", {columns_of(Draft)}",
        draft="""JOIN submissions_draft ON submissions_draft.submission_id = submissions_submission.id
    AND submissions_draft.closed_at IS NULL
""",
    )


def read_own_draft(user: User, public_id: UUID) -> tuple[Draft, datetime] | None:
    """Return the open draft of a submission of `user`, and the database's instant, without a lock; None if none.

    One statement. Save it with `save_if_unchanged`.
    """
    row = fetch_one(_own_draft_sql(), [public_id, user.pk])
    if not row:
        return None
    values = iter(row)
    submission, now = _submission_from(values)
    draft: Draft = next_model(Draft, values)
    draft.submission = submission
    return draft, now


def save_if_unchanged(draft: Draft, *, answers: dict[str, Any], closes_at: datetime) -> datetime | None:
    """Save `answers` as the next version of `draft`, and return the instant, if it is open and still the version read.

    None, and nothing saved, if it changed, or after `closes_at` (exclusive). One statement, which locks the submission
    first: no filing is reading the draft.

    :raises DraftArrivedError: if the draft waits to be filed.
    """
    version = draft.version + (answers != draft.answers)
    given = [draft.submission_id, json.dumps(answers), version, draft.pk, draft.version, closes_at]
    try:
        row = fetch_one(_SAVE, given)
    except IntegrityError as refused:
        if broken_constraint(refused) == "an_arrived_draft_is_frozen":
            raise DraftArrivedError from refused
        raise
    return row[0] if row else None


_SAVE: Final = """
WITH mine AS MATERIALIZED (SELECT id FROM submissions_submission WHERE id = %s FOR UPDATE)
UPDATE submissions_draft d SET answers = %s::jsonb, version = %s, saved_at = statement_timestamp()
FROM mine
WHERE d.submission_id = mine.id AND d.id = %s AND d.version = %s AND d.closed_at IS NULL
    AND statement_timestamp() < %s
RETURNING d.saved_at
"""


def lock_open_draft(draft: Draft) -> tuple[Submission, Draft, datetime]:
    """Lock the submission of `draft` and read the draft again under that lock.

    If the statement waits for the lock, the offer is as it was when the statement began.

    :raises DraftClosedError: if the draft was filed concurrently.
    :raises DraftArrivedError: if the draft waits to be filed.
    :raises DraftGoneError: if the draft was deleted concurrently.
    """
    submission, now = _read(_offer_sql("offers_offer"), draft)
    waiting = Arrival.objects.filter(draft=OuterRef("pk"), state=Arrival.State.WAITING)
    fresh = Draft.objects.annotate(is_arrived=Exists(waiting)).filter(pk=draft.pk).first()
    if fresh is None:
        raise DraftGoneError
    if fresh.closed_at is not None:
        raise DraftClosedError
    if fresh.is_arrived:
        raise DraftArrivedError
    fresh.submission = submission
    return submission, fresh, now
