"""Leases of deliveries: start, renewal, completion, failure.

A worker leases a delivery for a few seconds and renews the lease while it works. The lease of a killed worker expires,
and another worker takes over. A lease has a token, so a worker that returns too late changes nothing. Every `at` here
is the database's instant (`selectors.database_instant`): a machine whose clock is fast would otherwise take deliveries
that others still perform.
"""

import logging
import smtplib
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import QuerySet

from intake.outbox import kinds
from intake.outbox.models import Delivery
from intake.outbox.policy import (
    LEASE,
    MAX_ATTEMPTS,
    OUTAGE_BACKOFF_SECONDS,
    OUTAGE_RETRY_WINDOW,
    RENEW_SECONDS,
    backoff,
    places_in,
)
from intake.outbox.selectors import database_instant, has_place, workable
from intake.web.prepared import columns_of, fetch_one, next_model

logger = logging.getLogger(__name__)

WORKER_LOST = "worker lost at every attempt"
_PLACES_LOCK = 0x1A7E  # of the transactions that take a place: any number that nothing else locks


_WORKABLE: Final = """id = %(id)s
    AND (state = 'PENDING' AND due_at <= %(at)s OR state = 'LEASED' AND leased_until <= %(at)s)"""
_FIND: Final = f"SELECT kind, attempts, subject_id FROM outbox_delivery WHERE {_WORKABLE}"  # noqa: S608 -- constants


def lease_delivery(*, delivery_id: int, at: datetime) -> Delivery | None:
    """Lease a delivery for `policy.LEASE`; None if it is done, dead, not due, held, of another worker or has no place.

    The attempt is committed before any work, so that a delivery that kills its worker also ends as DEAD. Two prepared
    statements, as each of thousands of mails needs a lease.

    :raises kinds.UnknownKindError: if no app registered its kind.
    """
    found = fetch_one(_FIND, {"id": delivery_id, "at": at})
    if not found:
        return None
    code, attempts, subject_id = found
    if attempts >= MAX_ATTEMPTS:
        _give_up(delivery_id, at)
        return None
    kind = kinds.get(code)
    if kind.is_held(at):
        return None
    if places_in(kind.queue) is None:
        return _lease(delivery_id, at)
    with transaction.atomic():
        return _lease(delivery_id, at) if _takes_place(subject_id, kind.queue, at) else None


def _lease(delivery_id: int, at: datetime) -> Delivery | None:
    values = {"id": delivery_id, "at": at, "until": at + LEASE, "token": uuid.uuid4()}
    row = fetch_one(_lease_sql(), values)
    return next_model(Delivery, iter(row)) if row else None


@cache
def _lease_sql() -> str:
    return f"""UPDATE outbox_delivery
    SET state = 'LEASED', attempts = attempts + 1, leased_until = %(until)s, lease_token = %(token)s
    WHERE id = (
        SELECT id FROM outbox_delivery WHERE {_WORKABLE} FOR UPDATE SKIP LOCKED
    )
    RETURNING {columns_of(Delivery)}"""  # noqa: S608 -- names of ours


def _give_up(delivery_id: int, at: datetime) -> None:
    """Mark a delivery DEAD that has no attempts left, unless another worker takes it."""
    with transaction.atomic():
        unlocked = Delivery.objects.select_for_update(skip_locked=True)
        delivery = unlocked.filter(workable(at), pk=delivery_id, attempts__gte=MAX_ATTEMPTS).first()
        if delivery is None:
            return
        _end_lease(delivery, state=Delivery.State.DEAD, error=delivery.last_error or WORKER_LOST)
    logger.error("delivery %s (%s) is dead: %s", delivery.public_id, delivery.kind, delivery.last_error)


def _takes_place(subject_id: str, queue: str, at: datetime) -> bool:
    """Return whether the queue has a place for a delivery of the subject, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PLACES_LOCK])
    return has_place(subject_id, queue=queue, at=at)


def renew_lease(*, delivery: Delivery, at: datetime) -> bool:
    """Extend a lease by `policy.LEASE`. Return whether this worker still held the lease."""
    return bool(_leased_row(delivery).update(leased_until=at + LEASE))


@contextmanager
def renewing_lease(delivery: Delivery, *, at_most: float) -> Iterator[None]:
    """Renew the lease of `delivery` during the block, for `at_most` seconds.

    A thread renews it with its own connection, which opens after `policy.RENEW_SECONDS`: a mail that is sent faster
    costs nothing. A renewal that fails in the database is tried again at the next interval.
    """
    over = threading.Event()
    ends = monotonic() + at_most

    def renew() -> None:
        opened = False
        while not over.wait(RENEW_SECONDS) and monotonic() < ends:
            opened = True
            try:
                if not renew_lease(delivery=delivery, at=database_instant()):
                    break
            except Error as error:
                logger.warning("a lease could not be renewed (%s)", type(error).__name__)
                connection.close()
        if opened:
            connection.close()

    thread = threading.Thread(target=renew, name="renews a lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(RENEW_SECONDS)


_COMPLETE: Final = """
WITH moment AS MATERIALIZED (
    SELECT COALESCE(%(at)s::timestamptz, clock_timestamp()) AS at
), done AS (
    UPDATE outbox_delivery
    SET state = 'DONE', done_at = moment.at, leased_until = NULL, lease_token = NULL, last_error = ''
    FROM moment
    WHERE id = %(id)s AND state = 'LEASED' AND lease_token = %(token)s
    RETURNING id
), mail AS (
    -- A late worker must not complete a resend that was requested after it started.
    SELECT id, is_to_go_again AND EXISTS (SELECT FROM done) AS went_again
    FROM outbox_message WHERE delivery_id = %(id)s
), sent AS (
    -- A first sending is noted even if the lease was lost: the mail server accepted this message.
    UPDATE outbox_message m SET
        sent_at = moment.at,
        is_to_go_again = m.is_to_go_again AND NOT mail.went_again,
        arrived_at = CASE WHEN mail.went_again THEN NULL ELSE m.arrived_at END,
        returned_at = CASE WHEN mail.went_again THEN NULL ELSE m.returned_at END,
        report_code = CASE WHEN mail.went_again THEN '' ELSE m.report_code END,
        report_words = CASE WHEN mail.went_again THEN '' ELSE m.report_words END
    FROM mail, moment
    WHERE m.id = mail.id AND (mail.went_again OR m.sent_at IS NULL AND m.let_go_at IS NULL)
)
SELECT EXISTS (SELECT FROM done)"""


def complete_delivery(*, delivery: Delivery, at: datetime | None = None) -> bool:
    """Mark a leased delivery DONE and its mail sent unless dropped. Return whether this worker held the lease.

    `at` is by default the database's instant.
    """
    (was_held,) = fetch_one(_COMPLETE, {"id": delivery.pk, "token": delivery.lease_token, "at": at})
    return bool(was_held)


def fail_delivery(
    *, delivery: Delivery, error: str, at: datetime, jitter: Random, outage: bool = False
) -> Delivery.State | None:
    """Return a leased delivery to PENDING, or mark it DEAD after the last attempt; None if the lease was lost.

    With `outage` the mail server or the storage did not respond: the attempt is not counted, and the delivery becomes
    DEAD only `policy.OUTAGE_RETRY_WINDOW` after it was posted or last retried. `error` must contain no personal data.
    """
    with transaction.atomic():
        held = _leased_row(delivery).select_for_update().first()
        if held is None:
            return None
        if outage:
            held.attempts, held.outages = held.attempts - 1, held.outages + 1
            is_over = (
                held.outages >= MAX_ATTEMPTS
                and at >= (held.asked_again_at or held.created_at) + OUTAGE_RETRY_WINDOW
            )
            wait = backoff(held.outages, jitter=jitter, steps=OUTAGE_BACKOFF_SECONDS)
        else:
            is_over = held.attempts >= MAX_ATTEMPTS
            wait = backoff(held.attempts, jitter=jitter)
        if not is_over:
            held.due_at = at + wait
        _end_lease(held, state=Delivery.State.DEAD if is_over else Delivery.State.PENDING, error=error)
    _log_failure(held, outage=outage)
    return Delivery.State(held.state)


def _log_failure(delivery: Delivery, *, outage: bool) -> None:
    # The outage of the server itself is logged as an error, once for all that waits.
    logger.log(
        logging.ERROR if delivery.state == Delivery.State.DEAD else logging.WARNING,
        "delivery %s (%s) found a server away, attempt %d: %s"
        if outage
        else "delivery %s (%s) failed, attempt %d: %s",
        delivery.public_id,
        delivery.kind,
        delivery.outages if outage else delivery.attempts,
        delivery.last_error,
    )


def describe_error(error: BaseException) -> str:
    """Return the class, code and line of `error`, without its message, which may contain an address or an answer."""
    parts = [f"{type(error).__module__}.{type(error).__qualname__}"]
    code = getattr(error, "code", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        parts.append("smtp " + ",".join(sorted({str(reply[0]) for reply in error.recipients.values()})))
    elif isinstance(error, smtplib.SMTPResponseException):
        parts.append(f"smtp {error.smtp_code}")
    elif isinstance(error, OSError) and error.errno is not None:
        parts.append(f"errno {error.errno}")
    elif isinstance(code, str) and code.isascii() and code.replace("_", "").isalnum():
        parts.append(code)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(settings.BASE_DIR) and "site-packages" not in path.parts:
            parts.append(f"{path.relative_to(settings.BASE_DIR)}:{frame.lineno}")
            break
    return " · ".join(parts)


def _leased_row(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.LEASED, lease_token=delivery.lease_token
    )


def _end_lease(delivery: Delivery, *, state: Delivery.State, error: str) -> None:
    delivery.state = state
    delivery.last_error = error
    delivery.leased_until = None
    delivery.lease_token = None
    delivery.save(
        update_fields=["state", "attempts", "outages", "last_error", "leased_until", "lease_token", "due_at"]
    )
