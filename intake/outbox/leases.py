"""Who is doing a delivery, until when, and how it ended.

A worker takes a delivery for a few seconds and renews its lease while it works. One that is killed says nothing: its
lease runs out and another worker takes over. A lease carries a token, so that a worker that comes back too late changes
nothing. Every `at` here is the database's own instant (`selectors.database_instant`): were it the machine's, one whose
clock runs ahead would take what others are doing.
"""

import logging
import smtplib
import traceback
import uuid
from datetime import datetime
from pathlib import Path
from random import Random

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from intake.outbox.policy import (
    LEASE,
    MAX_ATTEMPTS,
    OUTAGE_ALERT_ATTEMPT,
    OUTAGE_BACKOFF_SECONDS,
    OUTAGE_RETRY_WINDOW,
    backoff,
)
from intake.outbox.selectors import workable

logger = logging.getLogger(__name__)

WORKER_LOST = "worker lost at every attempt"


def lease_delivery(*, delivery_id: int, at: datetime) -> Delivery | None:
    """Take a delivery for `policy.LEASE`, to be renewed; None when it is done, dead, not due or another worker's.

    The attempt is counted and committed before any work, so that a delivery that kills its worker is given up like
    one that fails: after `policy.MAX_ATTEMPTS`.

    :raises kinds.UnknownKindError: when no room registered its kind.
    """
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True).filter(workable(at), pk=delivery_id).first()
        )
        if delivery is None:
            return None
        if delivery.attempts >= MAX_ATTEMPTS:
            _end_lease(delivery, state=Delivery.State.DEAD, error=delivery.last_error or WORKER_LOST)
            logger.error(
                "delivery %s (%s) is dead: %s", delivery.public_id, delivery.kind, delivery.last_error
            )
            return None
        kinds.get(delivery.kind)
        delivery.state = Delivery.State.LEASED
        delivery.attempts += 1
        delivery.leased_until = at + LEASE
        delivery.lease_token = uuid.uuid4()
        delivery.save(update_fields=["state", "attempts", "leased_until", "lease_token"])
    return delivery


def renew_lease(*, delivery: Delivery, at: datetime) -> bool:
    """Keep a leased delivery for `policy.LEASE` more; whether the lease was still this worker's."""
    return bool(_leased_row(delivery).update(leased_until=at + LEASE))


def complete_delivery(*, delivery: Delivery, at: datetime) -> bool:
    """Say that a leased delivery is done, and its mail sent if not let go; whether the lease was this worker's.

    Of a mail that went again, what was reported of the time before is forgotten.
    """
    with transaction.atomic():
        # True whoever holds the lease by now: the server took this message.
        Message.objects.filter(delivery=delivery, sent_at=None, let_go_at=None).update(sent_at=at)
        was_held = bool(
            _leased_row(delivery).update(
                state=Delivery.State.DONE, done_at=at, leased_until=None, lease_token=None, last_error=""
            )
        )
        if was_held:  # a worker that is late ends the time before, and not the one that was asked for since
            Message.objects.filter(delivery=delivery, is_to_go_again=True).update(
                is_to_go_again=False,
                sent_at=at,
                arrived_at=None,
                returned_at=None,
                report_code="",
                report_words="",
            )
    return was_held


def fail_delivery(
    *, delivery: Delivery, error: str, at: datetime, jitter: Random, outage: bool = False
) -> Delivery.State | None:
    """Put a leased delivery back for later, or give it up after the last attempt; None when the lease was lost.

    With `outage` it was the mail server that was away: the attempt is given back, and the delivery given up only
    `policy.OUTAGE_LASTS` after it was asked for, or asked for again. `error` is kept for staff: it must hold no
    personal data (see `describe_error`).
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
    """Log a failure: as an error when it is given up and, once, when the mail server is away for some minutes."""
    is_alert = delivery.state == Delivery.State.DEAD or (outage and delivery.outages == OUTAGE_ALERT_ATTEMPT)
    logger.log(
        logging.ERROR if is_alert else logging.WARNING,
        "delivery %s (%s) found the mail server away, attempt %d: %s"
        if outage
        else "delivery %s (%s) failed, attempt %d: %s",
        delivery.public_id,
        delivery.kind,
        delivery.outages if outage else delivery.attempts,
        delivery.last_error,
    )


def describe_error(error: BaseException) -> str:
    """Return what went wrong without a word of the message, which may hold an address or an answer.

    The class, the code of a named exception or of the mail server's reply, and the line of ours it came from.
    """
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
