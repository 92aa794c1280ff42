"""If the mail server or the storage does not respond, deliveries wait up to two days and lose no attempt."""

import errno
import logging
import smtplib
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import SystemRandom

import pytest
from django.conf import settings
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from intake.outbox import kinds, leases, messages, tasks
from intake.outbox.messages import DeliveryTooLongError, is_outage
from intake.outbox.models import Delivery
from intake.outbox.policy import (
    MAX_ATTEMPTS,
    OUTAGE_BACKOFF_SECONDS,
    OUTAGE_RETRY_WINDOW,
)
from intake.outbox.services import resend_mail, retry_delivery, set_aside
from intake.web.storage import StorageUnavailableError
from tests.factories.people import make_staff
from tests.outbox.conftest import AT, LETTER, post

pytestmark = [pytest.mark.usefixtures("registry"), pytest.mark.django_db]

JITTER = SystemRandom()
TO = "camille@exemple.invalid"


@pytest.mark.parametrize(
    "error,expected",
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), True),
        (ConnectionResetError(errno.ECONNRESET, "reset"), True),
        (TimeoutError("timed out"), True),
        (OSError(errno.EHOSTUNREACH, "no route"), True),
        (socket.gaierror(socket.EAI_AGAIN, "no answer"), True),
        (smtplib.SMTPServerDisconnected("closed"), True),
        (smtplib.SMTPConnectError(421, b"too many"), True),
        (smtplib.SMTPDataError(451, b"later"), True),
        (smtplib.SMTPAuthenticationError(454, b"later"), True),
        (smtplib.SMTPRecipientsRefused({TO: (450, b"greylisted")}), True),
        (DeliveryTooLongError(), True),
        (smtplib.SMTPConnectError(554, b"no"), True),
        (smtplib.SMTPDataError(554, b"spam"), False),
        (smtplib.SMTPSenderRefused(550, b"no", "x"), False),
        (smtplib.SMTPAuthenticationError(535, b"no"), True),
        (smtplib.SMTPRecipientsRefused({TO: (450, b"later"), "b": (550, b"unknown")}), False),
        (OSError(errno.ENOSPC, "full"), False),
        (UnicodeEncodeError("ascii", "é", 0, 1, "no"), False),
    ],
)
def test_only_temporary_errors_count_as_an_outage(error: Exception, *, expected: bool) -> None:
    assert is_outage(error) is expected


def _fail(pk: int, *, at: datetime | None = None, outage: bool = True) -> Delivery:
    """Lease a delivery as soon as it is due, or at `at`, and fail it."""
    due = Delivery.objects.get(pk=pk).due_at if at is None else at
    leased = leases.lease_delivery(delivery_id=pk, at=due)
    assert leased is not None
    leases.fail_delivery(delivery=leased, error="away", at=due, jitter=JITTER, outage=outage)
    leased.refresh_from_db()
    return leased


def test_a_mail_is_retried_for_two_days_of_outage_then_abandoned() -> None:
    pk = post(kind="TEST_MAIL").pk
    tried = 0
    while (delivery := _fail(pk)).state == Delivery.State.PENDING:
        tried += 1
        assert (delivery.attempts, delivery.outages) == (0, tried)
        last = OUTAGE_BACKOFF_SECONDS[min(tried, len(OUTAGE_BACKOFF_SECONDS)) - 1]
        assert tried < 400
        assert delivery.due_at <= AT + OUTAGE_RETRY_WINDOW + timedelta(seconds=1.5 * last)
    assert (delivery.state, delivery.last_error) == ("DEAD", "away")
    assert delivery.due_at >= AT + OUTAGE_RETRY_WINDOW
    assert tried > OUTAGE_RETRY_WINDOW / timedelta(minutes=30)


def _give_up(pk: int) -> Delivery:
    """Fail the mail by outages until it is DEAD."""
    while (delivery := _fail(pk)).state == Delivery.State.PENDING:
        pass
    return delivery


def _give_up_late(pk: int) -> Delivery:
    """Try it only after two days, so that it becomes DEAD."""
    at = Delivery.objects.get(pk=pk).due_at + OUTAGE_RETRY_WINDOW
    for hour in range(MAX_ATTEMPTS):
        delivery = _fail(pk, at=at + timedelta(hours=hour))
    assert delivery.state == Delivery.State.DEAD
    return delivery


def _retry(pk: int) -> None:
    retry_delivery(delivery=_give_up_late(pk), actor=make_staff())


def _set_aside_then_send(pk: int) -> None:
    resend_mail(delivery=set_aside(delivery=_give_up_late(pk), actor=make_staff()), actor=make_staff())


def _leave_then_send_again(pk: int) -> None:
    tasks.deliver(pk)
    resend_mail(delivery=Delivery.objects.get(pk=pk), actor=make_staff())


@pytest.mark.parametrize(
    "ask_again",
    [
        _retry,
        *(
            pytest.param(way, marks=pytest.mark.full)
            for way in (_set_aside_then_send, _leave_then_send_again)
        ),
    ],
)
def test_a_retried_mail_survives_a_new_outage_of_two_days(
    ask_again: Callable[[int], None],
) -> None:
    pk = post(kind="TEST_MAIL", at=timezone.now() - 3 * OUTAGE_RETRY_WINDOW).pk
    messages._store_letter(LETTER, delivery=Delivery.objects.get(pk=pk), at=AT)
    ask_again(pk)
    again = Delivery.objects.get(pk=pk)
    assert again.due_at > timezone.now() - timedelta(hours=1)
    last = _give_up(pk)
    assert (
        again.due_at + OUTAGE_RETRY_WINDOW
        <= last.due_at
        < again.due_at + OUTAGE_RETRY_WINDOW + timedelta(hours=1)
    )
    assert last.outages > OUTAGE_RETRY_WINDOW / timedelta(minutes=30)


def test_an_outage_neither_adds_nor_resets_attempts() -> None:
    pk = post(kind="TEST_MAIL").pk
    for _each in range(MAX_ATTEMPTS - 1):
        _fail(pk, outage=False)
    for _each in range(MAX_ATTEMPTS):
        assert _fail(pk).attempts == MAX_ATTEMPTS - 1
    last = _fail(pk, outage=False)
    assert (last.state, last.attempts) == ("DEAD", MAX_ATTEMPTS)


def test_a_job_that_finds_the_storage_away_loses_no_attempt() -> None:
    def run(_delivery: Delivery, _at: datetime) -> None:
        raise StorageUnavailableError from TimeoutError(errno.ETIMEDOUT, TO)

    kinds.register_job("TEST_FILES", run)
    yesterday = timezone.now() - timedelta(days=1)
    found = post(kind="TEST_FILES", at=yesterday)
    for outages in range(1, MAX_ATTEMPTS + 2):
        Delivery.objects.update(due_at=yesterday)
        tasks.deliver(found.pk)
        found.refresh_from_db()
        assert (found.state, found.attempts, found.outages) == ("PENDING", 0, outages)
    assert found.last_error.startswith("builtins.TimeoutError")
    assert TO not in found.last_error


def test_a_delivery_that_waits_for_a_server_logs_no_error_of_its_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pk = post(kind="TEST_MAIL").pk
    for _each in range(6):
        _fail(pk)
    levels = {record.levelno for record in caplog.records if record.name == leases.__name__}
    assert levels == {logging.WARNING}


@pytest.mark.parametrize(
    "error,counted",
    [(ConnectionRefusedError(111, TO), (0, 1)), (smtplib.SMTPDataError(554, TO.encode()), (1, 0))],
)
def test_a_worker_distinguishes_an_outage_from_a_refusal(
    monkeypatch: pytest.MonkeyPatch, error: Exception, counted: tuple[int, int]
) -> None:
    def refuse(_backend: object, _messages: object) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    pk = post(kind="TEST_MAIL", at=AT - timedelta(days=365 * 50)).pk
    tasks.deliver(pk)
    delivery = Delivery.objects.get(pk=pk)
    assert (delivery.state, (delivery.attempts, delivery.outages)) == ("PENDING", counted)
    assert delivery.last_error.startswith(f"{type(error).__module__}.{type(error).__qualname__} · ")
    assert f" · {Path(__file__).relative_to(settings.BASE_DIR)}:" in delivery.last_error
    assert "camille" not in delivery.last_error


def test_a_job_has_five_attempts_even_during_an_outage() -> None:
    def run(_delivery: Delivery, _at: object) -> None:
        raise ConnectionRefusedError(111, "a storage")

    kinds.register_job("TEST_AWAY", run)
    pk = post(kind="TEST_AWAY", at=AT - timedelta(days=365 * 50)).pk
    tasks.deliver(pk)
    delivery = Delivery.objects.get(pk=pk)
    assert (delivery.attempts, delivery.outages) == (1, 0)
