"""Asking for a delivery, and asking again."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Model

from intake.journal import services as journal
from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from intake.outbox.selectors import database_instant, subject_key
from intake.outbox.wake import wake_async

if TYPE_CHECKING:
    from intake.accounts.models import User

logger = logging.getLogger(__name__)

SLICE: Final = 1000
"""Deliveries that `post_in_slices` asks for in one transaction."""


class OutsideTransactionError(RuntimeError):
    """A delivery was posted outside a transaction: it could be done though what asks for it is never committed."""

    code = "outside_transaction"


class NotDeadError(RuntimeError):
    """Only a delivery that the outbox gave up may be asked for again."""

    code = "not_dead"


class NotSentError(RuntimeError):
    """Only a mail that left, or was let go, may be sent again."""

    code = "not_sent"


_INSERT_INTO = """
INSERT INTO outbox_delivery
    (public_id, kind, key, subject_kind, subject_id, due_at, state, attempts, last_error, created_at)
VALUES
"""
_AT = "COALESCE(%s::timestamptz, statement_timestamp())"
_VALUES = f"(%s, %s, %s, %s, %s, {_AT}, 'PENDING', 0, '', {_AT})"
_ON_CONFLICT = "ON CONFLICT (kind, key) DO NOTHING RETURNING id, kind, due_at, created_at"


def post(*, kind: str, key: str, subject: Model | str, at: datetime | None = None) -> Delivery:
    """Ask for one delivery, once for ever for this `kind` and `key`, and return it: new, or the one already there.

    It commits with the caller's transaction or not at all. After the commit the workers are woken, as a courtesy: a
    broker that is down neither fails nor slows the request, and the sweep does the rest. Without `at` it is due at
    once, by the database's clock, which alone decides what is due: a web server whose clock runs ahead would have it
    wait. `at` is when it is asked for and due, an aware instant; one to come is waited for. `subject` is what it is
    about: a saved model, or a text of at most 64 characters.

    :raises OutsideTransactionError: when the caller holds no transaction.
    :raises kinds.UnknownKindError: when no room registered the kind.
    """
    queue = kinds.get(kind).queue
    if not connection.in_atomic_block:
        msg = f"{kind} {key} must be posted within the transaction that asks for it"
        raise OutsideTransactionError(msg)
    subject_kind, subject_id = subject_key(subject)
    delivery = Delivery(kind=kind, key=key, subject_kind=subject_kind, subject_id=subject_id)
    with connection.cursor() as cursor:
        # One statement where the ORM takes two: a filing posts several deliveries while it holds its lock.
        cursor.execute(
            f"{_INSERT_INTO} {_VALUES} {_ON_CONFLICT}",
            [delivery.public_id, kind, key, delivery.subject_kind, delivery.subject_id, at, at],
        )
        inserted = cursor.fetchone()
    if inserted is None:
        return Delivery.objects.get(kind=kind, key=key)
    delivery.pk, _kind, delivery.due_at, delivery.created_at = inserted
    delivery._state.adding = False  # noqa: SLF001 -- it is in the table, as after save()
    transaction.on_commit(partial(wake_async, delivery_id=delivery.pk, queue=queue), robust=True)
    return delivery


def post_together(*, kinds_posted: Sequence[str], key: str, subject: Model | str, at: datetime) -> None:
    """Ask for one delivery of each of `kinds_posted` under one `key`, as `post` does for one, in one statement.

    What is there already is left alone. After the commit the workers of each are woken.

    :raises OutsideTransactionError: when the caller holds no transaction.
    :raises kinds.UnknownKindError: when no room registered one of them.
    """
    queues = {kind: kinds.get(kind).queue for kind in kinds_posted}
    if not connection.in_atomic_block:
        msg = f"{', '.join(queues)} {key} must be posted within the transaction that asks for it"
        raise OutsideTransactionError(msg)
    about = subject_key(subject)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_INSERT_INTO} {', '.join([_VALUES] * len(queues))} {_ON_CONFLICT}",
            [value for kind in queues for value in (uuid4(), kind, key, *about, at, at)],
        )
        posted: list[tuple[int, str, datetime, datetime]] = cursor.fetchall()
    for delivery_id, kind, *_instants in posted:
        transaction.on_commit(partial(wake_async, delivery_id=delivery_id, queue=queues[kind]), robust=True)


def post_many(*, kind: str, subjects: Mapping[str, Model | str], at: datetime) -> None:
    """Ask for one delivery per key of `subjects`, as `post` does for one; the keys already there are left alone.

    A few statements whatever their number. Nobody is woken: the sweep takes them in its own batches, so that a
    receipt asked for meanwhile does not wait behind thousands of letters.

    :raises OutsideTransactionError: when the caller holds no transaction.
    :raises kinds.UnknownKindError: when no room registered the kind.
    """
    kinds.get(kind)
    if not connection.in_atomic_block:
        msg = f"{kind} must be posted within the transaction that asks for it"
        raise OutsideTransactionError(msg)
    rows = []
    for key, subject in subjects.items():
        subject_kind, subject_id = subject_key(subject)
        rows.append(
            Delivery(
                kind=kind,
                key=key,
                subject_kind=subject_kind,
                subject_id=subject_id,
                due_at=at,
                created_at=at,
            )
        )
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=SLICE)


def post_in_slices(*, kind: str, subjects: Iterable[tuple[str, Model | str]], at: datetime) -> int:
    """Ask for one delivery per key and subject, as `post_many` does, `SLICE` at a time; return how many are new.

    For more than one transaction could ask for in the time that a job has: each slice commits by itself, so that a job
    that is stopped and comes again goes on where it was; it reads what is there and writes only what is not. `subjects`
    may be read as it is given out.

    :raises kinds.UnknownKindError: when no room registered the kind.
    """
    asked = 0
    for pairs in batched(subjects, SLICE):
        found = dict(pairs)
        known = Delivery.objects.filter(kind=kind, key__in=found)
        missing = sorted(found.keys() - set(known.values_list("key", flat=True)))
        if missing:
            with transaction.atomic():
                post_many(kind=kind, subjects={key: found[key] for key in missing}, at=at)
            asked += len(missing)
    return asked


def retry_delivery(*, delivery: Delivery, actor: "User") -> Delivery:
    """Ask again for a delivery that the outbox gave up, with all its attempts back, due at once.

    :raises NotDeadError: when it waits, is being done, or is done.
    :raises kinds.UnknownKindError: when no room registered its kind.
    """
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if locked.state != Delivery.State.DEAD:
            raise NotDeadError
        _begin_again(locked)
        journal.record(actor=actor, action="DELIVERY_RETRIED", subject=locked, detail=locked.kind)
    return locked


def resend_mail(*, delivery: Delivery, actor: "User") -> Delivery:
    """Ask that the mail of a delivery that is done leave once more, as it was written and under its Message-ID.

    What other servers reported of it is forgotten once it has left. A mail that no longer holds by then does not leave.

    :raises NotSentError: when the delivery is not done, or has no mail.
    :raises kinds.UnknownKindError: when no room registered its kind.
    """
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        mail = Message.objects.filter(delivery=locked)
        if locked.state != Delivery.State.DONE or not mail.update(is_to_go_again=True, let_go_at=None):
            raise NotSentError
        _begin_again(locked)
        journal.record(actor=actor, action="MAIL_RESENT", subject=locked, detail=locked.kind)
    return locked


def set_aside(*, delivery: Delivery, actor: "User") -> Delivery:
    """Let go, for a person, a mail that the outbox gave up: nobody tries it any more, and it is in trouble no more.

    For what no further try would send, such as an address that is no more. It stays readable, with what went wrong, and
    `resend_mail` may still send it. A job is not set aside: it has to be done.

    :raises NotDeadError: when the outbox did not give it up, or it has no mail.
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
    """Give a locked delivery all its attempts back, due at once, in the caller's transaction."""
    queue = kinds.get(delivery.kind).queue
    delivery.state = Delivery.State.PENDING
    delivery.attempts = delivery.outages = 0
    delivery.due_at = delivery.asked_again_at = database_instant()
    delivery.done_at = None
    delivery.save(update_fields=["state", "attempts", "outages", "due_at", "asked_again_at", "done_at"])
    transaction.on_commit(partial(wake_async, delivery_id=delivery.pk, queue=queue), robust=True)
