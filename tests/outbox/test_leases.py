"""Leases: which worker performs a delivery, when it is tried again, and when it becomes DEAD."""

import errno
import smtplib
from datetime import timedelta
from random import SystemRandom

import pytest

from intake.documents.inspection import WALL_SECONDS
from intake.outbox import leases, selectors, tasks
from intake.outbox.messages import DeliveryTooLongError
from intake.outbox.models import Delivery
from intake.outbox.policy import (
    BACKOFF_SECONDS,
    DEFAULT_LIMITS,
    LEASE,
    MAX_ATTEMPTS,
    Limits,
    limits_of,
)
from tests.outbox.conftest import AT, post
from tests.outbox.test_queries import HOUR, lease_now, mail_of, row

pytestmark = [pytest.mark.usefixtures("registry"), pytest.mark.django_db]

JITTER = SystemRandom()
MOMENT = timedelta(microseconds=1)


def test_a_leased_delivery_cannot_be_leased_again_before_its_end() -> None:
    pk = post().pk
    leases.lease_delivery(delivery_id=pk, at=AT)
    assert leases.lease_delivery(delivery_id=pk, at=AT + LEASE - MOMENT) is None
    again = leases.lease_delivery(delivery_id=pk, at=AT + LEASE)
    assert again is not None
    assert again.attempts == 2


def test_a_renewed_lease_lasts_longer_and_a_lost_one_stays_lost() -> None:
    pk = post().pk
    leased = leases.lease_delivery(delivery_id=pk, at=AT)
    assert leased is not None
    assert leases.renew_lease(delivery=leased, at=AT + LEASE - MOMENT)
    assert leases.lease_delivery(delivery_id=pk, at=AT + LEASE) is None
    assert leases.lease_delivery(delivery_id=pk, at=AT + 2 * LEASE) is not None
    assert not leases.renew_lease(delivery=leased, at=AT + 2 * LEASE)


def test_a_delivery_is_not_taken_before_it_is_due() -> None:
    pk = post().pk
    assert leases.lease_delivery(delivery_id=pk, at=AT - MOMENT) is None
    assert leases.lease_delivery(delivery_id=pk, at=AT) is not None


def test_a_done_delivery_is_never_taken_again() -> None:
    leased = leases.lease_delivery(delivery_id=post().pk, at=AT)
    assert leased is not None
    assert leases.complete_delivery(delivery=leased, at=AT)
    assert leases.lease_delivery(delivery_id=leased.pk, at=AT + timedelta(days=9)) is None


def test_a_worker_whose_lease_expired_changes_no_row() -> None:
    late = leases.lease_delivery(delivery_id=post().pk, at=AT)
    assert late is not None
    current = leases.lease_delivery(delivery_id=late.pk, at=AT + LEASE)
    assert current is not None
    assert not leases.complete_delivery(delivery=late, at=AT + LEASE)
    assert leases.fail_delivery(delivery=late, error="late", at=AT + LEASE, jitter=JITTER) is None
    current.refresh_from_db()
    assert (current.state, current.last_error) == ("LEASED", "")


def test_a_late_worker_notes_a_first_sending_and_nothing_else() -> None:
    delivery = post(kind="TEST_MAIL")
    late = lease_now(delivery)
    mail = mail_of(
        delivery, is_to_go_again=True, returned_at=AT, report_code="5.1.1", report_words="inconnue"
    )
    current = lease_now(delivery, AT + LEASE)
    assert not leases.complete_delivery(delivery=late, at=AT + HOUR)
    mail.refresh_from_db()
    assert (mail.sent_at, mail.is_to_go_again) == (AT + HOUR, True)
    assert (mail.returned_at, mail.report_code, mail.report_words) == (AT, "5.1.1", "inconnue")
    assert row(delivery)["lease_token"] == current.lease_token


def test_a_failing_delivery_waits_longer_and_is_dead_after_the_fifth_try() -> None:
    pk, at = post().pk, AT
    for attempt in range(1, MAX_ATTEMPTS):
        leased = leases.lease_delivery(delivery_id=pk, at=at)
        assert leased is not None
        state = leases.fail_delivery(delivery=leased, error=f"try {attempt}", at=at, jitter=JITTER)
        assert state == Delivery.State.PENDING
        leased.refresh_from_db()
        waits = (leased.due_at - at).total_seconds() / BACKOFF_SECONDS[attempt - 1]
        assert 0.5 <= waits <= 1.5
        assert leases.lease_delivery(delivery_id=pk, at=leased.due_at - MOMENT) is None
        at = leased.due_at
    last = leases.lease_delivery(delivery_id=pk, at=at)
    assert last is not None
    assert leases.fail_delivery(delivery=last, error="try 5", at=at, jitter=JITTER) == Delivery.State.DEAD
    last.refresh_from_db()
    assert (last.attempts, last.last_error) == (MAX_ATTEMPTS, "try 5")
    assert leases.lease_delivery(delivery_id=pk, at=at + timedelta(days=9)) is None


def test_a_delivery_that_kills_its_worker_is_abandoned_too() -> None:
    pk, at = post().pk, AT
    for _attempt in range(MAX_ATTEMPTS):
        assert leases.lease_delivery(delivery_id=pk, at=at) is not None
        at += LEASE
    assert leases.lease_delivery(delivery_id=pk, at=at) is None
    delivery = Delivery.objects.get(pk=pk)
    assert (delivery.state, delivery.last_error) == ("DEAD", leases.WORKER_LOST)


def test_the_soft_limit_of_a_worker_is_below_the_hard_one() -> None:
    for queue in DEFAULT_LIMITS:
        assert limits_of(queue).soft < limits_of(queue).hard
    assert limits_of("uploads").soft > WALL_SECONDS, "an inspection ends before its worker"
    with pytest.raises(ValueError, match="limits must grow"):
        Limits(soft=3, hard=3)


def test_the_sweep_finds_due_and_abandoned_deliveries_oldest_first() -> None:
    waiting, left, busy, later = (post(key=key).pk for key in "abcd")
    Delivery.objects.filter(pk=left).update(due_at=AT - timedelta(hours=1))
    leases.lease_delivery(delivery_id=left, at=AT - LEASE)
    leases.lease_delivery(delivery_id=busy, at=AT)
    Delivery.objects.filter(pk=later).update(due_at=AT + timedelta(minutes=1))
    assert selectors.workable_ids(queue="documents", at=AT, limit=10) == [left, waiting]
    assert selectors.workable_ids(queue="documents", at=AT, limit=1) == [left]
    assert selectors.workable_ids(queue="mail", at=AT, limit=10) == []


def test_the_sweep_wakes_each_queue_and_mail_first(woken: list[tuple[int, str]]) -> None:
    job, mail = post(kind="TEST_JOB").pk, post(kind="TEST_MAIL").pk
    Delivery.objects.update(due_at=AT - timedelta(days=365 * 50))
    tasks.sweep()
    assert woken == [(mail, "mail"), (job, "documents")]


def test_any_number_of_wake_messages_run_a_delivery_once(registry: dict[str, list[int]]) -> None:
    pk = post(at=AT - timedelta(days=365 * 50)).pk
    for _wake in range(3):
        tasks.deliver(pk)
    assert registry["TEST_JOB"] == [pk]
    assert Delivery.objects.get(pk=pk).state == "DONE"


def test_a_delivery_of_an_unknown_kind_waits_without_losing_an_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pk = post(at=AT - timedelta(days=365 * 50)).pk
    monkeypatch.setattr("intake.outbox.kinds._kinds", {})
    tasks.deliver(pk)
    delivery = Delivery.objects.get(pk=pk)
    assert (delivery.state, delivery.attempts) == ("PENDING", 0)


def test_a_stored_error_contains_no_personal_data() -> None:
    refused = smtplib.SMTPRecipientsRefused({"camille@exemple.invalid": (550, b"no such camille")})
    assert leases.describe_error(refused) == "smtplib.SMTPRecipientsRefused · smtp 550"
    busy = smtplib.SMTPDataError(451, b"camille@exemple.invalid must wait")
    assert leases.describe_error(busy) == "smtplib.SMTPDataError · smtp 451"
    try:
        int("camille")
    except ValueError as error:
        said = leases.describe_error(error)
    assert said.startswith("builtins.ValueError · tests/outbox/test_leases.py:")
    assert "camille" not in said
    assert leases.describe_error(ConnectionRefusedError(111, "camille")).endswith("errno 111")


class _NamedError(Exception):
    def __init__(self, code: object) -> None:
        super().__init__("camille")
        self.code = code


@pytest.mark.parametrize(
    "error, said",
    [
        (OSError(errno.ENOSPC, "camille"), f"builtins.OSError · errno {errno.ENOSPC}"),
        (
            smtplib.SMTPRecipientsRefused({"a": (550, b"x"), "b": (451, b"y"), "c": (550, b"z")}),
            "smtplib.SMTPRecipientsRefused · smtp 451,550",
        ),
        (DeliveryTooLongError(), "intake.outbox.messages.DeliveryTooLongError · too_long"),
        (_NamedError("A_CODE_2"), f"{__name__}._NamedError · A_CODE_2"),
        (_NamedError("camille@exemple"), f"{__name__}._NamedError"),
        (_NamedError(7), f"{__name__}._NamedError"),
    ],
    ids=repr,
)
def test_a_stored_error_has_the_code_of_its_class(error: Exception, said: str) -> None:
    assert leases.describe_error(error) == said
