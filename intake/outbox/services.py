"""Post deliveries, also those of periodic jobs; retry them, resend and set aside mails.

A kind that no app registered raises `kinds.UnknownKindError`.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Model, Q

from intake.accounts.models import User
from intake.journal import services as journal
from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from intake.outbox.selectors import database_instant, subject_columns
from intake.outbox.wake import Woken, wake_async
from intake.web.prepared import prepared_cursor
from intake.web.request_id import current_request_id

logger = logging.getLogger(__name__)

SLICE: Final = 1000  # deliveries that `post_in_slices` posts in one transaction
_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


class OutsideTransactionError(RuntimeError):
    """A delivery was posted outside a transaction: it could be performed although the caller's writes never commit."""

    code = "outside_transaction"


class NotDeadError(RuntimeError):
    """Only a delivery in state DEAD can be retried or set aside."""

    code = "not_dead"


class NotSentError(RuntimeError):
    """Only a sent or dropped mail can be sent again."""

    code = "not_sent"


_INSERT_INTO = """
INSERT INTO outbox_delivery
    (public_id, kind, key, subject_kind, subject_id, request_reference, due_at, state, attempts, last_error, created_at)
VALUES
"""
_AT = "COALESCE(%s::timestamptz, statement_timestamp())"
_VALUES = f"(%s, %s, %s, %s, %s, %s, {_AT}, 'PENDING', 0, '', {_AT})"
_ON_CONFLICT = "ON CONFLICT (kind, key) DO NOTHING RETURNING id, kind, due_at, created_at"


def post(*, kind: str, key: str, subject: Model | str, at: datetime | None = None) -> Delivery:
    """Store a delivery and return it, or return the existing one. Needs a transaction. Idempotent per (kind, key).

    After commit it wakes the workers, without delay or error if the broker does not respond: the sweep finds the rest.
    `at` (aware) is when it is posted and due, and may be in the future. By default it is now by the database's clock,
    which alone decides what is due: with a web server's fast clock it would have to wait. `subject` is a saved model,
    or a text of at most 64 characters.

    :raises OutsideTransactionError: outside a transaction.
    """
    delivery = Delivery(kind=kind, key=key, **subject_columns(subject))
    posted = _insert({kind: delivery.public_id}, key=key, subject=subject, at=at)
    if not posted:
        return Delivery.objects.get(kind=kind, key=key)
    delivery.pk, _kind, delivery.due_at, delivery.created_at = posted[0]
    delivery._state.adding = False  # noqa: SLF001 -- the row is stored, as after save()
    return delivery


def post_together(
    *, kinds_posted: Sequence[str], key: str, subject: Model | str, at: datetime | None
) -> None:
    """Store one delivery of each of `kinds_posted` under one `key`, as `post` does, in one statement."""
    _insert({kind: uuid4() for kind in kinds_posted}, key=key, subject=subject, at=at)


def post_many(*, kind: str, subjects: Mapping[str, Model | str], at: datetime) -> None:
    """Store one delivery per key of `subjects`, as `post` does; existing keys are unchanged.

    No worker is woken: the sweep takes them in batches, so that a receipt posted at the same time does not wait behind
    thousands of letters.

    :raises OutsideTransactionError: as `post`.
    """
    kinds.get(kind)
    _require_transaction(kind)
    posted_by = current_request_id()
    rows = [
        Delivery(
            kind=kind,
            key=key,
            **subject_columns(subject),
            request_reference=posted_by,
            due_at=at,
            created_at=at,
        )
        for key, subject in subjects.items()
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=SLICE)


def post_in_slices(*, kind: str, subjects: Iterable[tuple[str, Model | str]], at: datetime) -> int:
    """Store one delivery per key and subject, as `post_many` does, `SLICE` at a time; return the number of new ones.

    The order of `subjects` must be the same in each run: concurrent runs then wait for each other and cannot deadlock.

    Each slice commits on its own: a job that is stopped and retried writes only the missing ones.
    """
    posted = 0
    for pairs in batched(subjects, SLICE):
        batch = dict(pairs)
        known = set(Delivery.objects.filter(kind=kind, key__in=batch).values_list("key", flat=True))
        missing = {key: subject for key, subject in batch.items() if key not in known}
        if missing:
            with transaction.atomic():
                post_many(kind=kind, subjects=missing, at=at)
            posted += len(missing)
    return posted


def _require_transaction(posted: str) -> None:
    if not connection.in_atomic_block:
        msg = f"{posted} must be posted within the transaction that asks for it"
        raise OutsideTransactionError(msg)


def _insert(
    public_ids: Mapping[str, UUID], *, key: str, subject: Model | str, at: datetime | None
) -> list[tuple[int, str, datetime, datetime]]:
    """Insert one delivery per kind, and wake its workers after commit; return the new rows.

    One statement instead of the ORM's two per row: a filing posts several deliveries while it holds its lock.
    """
    queues = {kind: kinds.get(kind).queue for kind in public_ids}
    _require_transaction(f"{', '.join(queues)} {key}")
    about = (*subject_columns(subject).values(), current_request_id())
    with prepared_cursor() as cursor:
        cursor.execute(
            f"{_INSERT_INTO} {', '.join([_VALUES] * len(queues))} {_ON_CONFLICT}",
            [value for kind in queues for value in (public_ids[kind], kind, key, *about, at, at)],
        )
        posted: list[tuple[int, str, datetime, datetime]] = cursor.fetchall()
    if posted:
        _wake_after_commit([(delivery_id, queues[kind]) for delivery_id, kind, *_instants in posted])
    return posted


def _wake_after_commit(woken: Woken) -> None:
    transaction.on_commit(partial(wake_async, woken), robust=True)


def period_start(at: datetime, *, every: timedelta) -> datetime:
    """Return the first instant, in UTC, of the period that contains `at`; periods of `every` are counted from 1970."""
    return _ORIGIN + (at - _ORIGIN) // every * every


def post_due(*, at: datetime) -> None:
    """Post the current period's job of each periodic kind, unless it is posted or an earlier one is pending.

    One query if there is nothing to post. Safe for concurrent sweeps: the key is the period's first instant.
    """
    keys = {
        kind.code: period_start(at, every=kind.every).isoformat()
        for kind in kinds.registered()
        if kind.every is not None and kind.is_needed(at)
    }
    if not keys:
        return
    settled = Q(state__in=[Delivery.State.PENDING, Delivery.State.LEASED], kind__in=keys)
    for code, key in keys.items():
        settled |= Q(kind=code, key=key)
    taken = set(Delivery.objects.filter(settled).values_list("kind", flat=True))
    for code in keys.keys() - taken:
        with transaction.atomic():
            post(kind=code, key=keys[code], subject=code, at=at)


def retry_delivery(*, delivery: Delivery, actor: User) -> Delivery:
    """Retry a DEAD delivery: reset its attempts and make it due at once.

    :raises NotDeadError: if it is in another state.
    """
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if locked.state != Delivery.State.DEAD:
            raise NotDeadError
        _begin_again(locked)
        journal.record(actor=actor, action="DELIVERY_RETRIED", subject=locked, detail=locked.kind)
    return locked


def resend_mail(*, delivery: Delivery, actor: User) -> Delivery:
    """Send the stored mail of a DONE delivery once more, with the same Message-ID.

    Its bounce or arrival is cleared once it has been sent. A mail that is obsolete by then is not sent.

    :raises NotSentError: if the delivery is not done, or has no mail, or its mail was erased.
    """
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        mail = Message.objects.filter(delivery=locked).exclude(to_address="")  # erased
        if locked.state != Delivery.State.DONE or not mail.update(is_to_go_again=True, let_go_at=None):
            raise NotSentError
        _begin_again(locked)
        journal.record(actor=actor, action="MAIL_RESENT", subject=locked, detail=locked.kind)
    return locked


def set_aside(*, delivery: Delivery, actor: User) -> Delivery:
    """Drop a DEAD delivery's mail for staff: it is not retried and no longer counts as failed.

    The mail and its error stay readable, and `resend_mail` can still send it. A job must be done: it is refused.

    :raises NotDeadError: if the delivery is not DEAD, or has no mail.
    """
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        mail = Message.objects.filter(delivery=locked)
        if locked.state != Delivery.State.DEAD or not mail.update(is_to_go_again=False):
            raise NotDeadError
        locked.state, locked.done_at = Delivery.State.DONE, database_instant()
        locked.save(update_fields=["state", "done_at"])
        mail.filter(sent_at=None).update(let_go_at=locked.done_at)
        journal.record(actor=actor, action="MAIL_SET_ASIDE", subject=locked, detail=locked.kind)
    return locked


def _begin_again(delivery: Delivery) -> None:
    queue = kinds.get(delivery.kind).queue
    delivery.state = Delivery.State.PENDING
    delivery.attempts = delivery.outages = 0
    delivery.due_at = delivery.asked_again_at = database_instant()
    delivery.done_at = None
    delivery.save(update_fields=["state", "attempts", "outages", "due_at", "asked_again_at", "done_at"])
    _wake_after_commit([(delivery.pk, queue)])
