"""A running worker keeps its delivery for any duration; a dead worker, or one over its time limit, loses it."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection

from intake.outbox import leases, selectors, tasks
from intake.outbox.models import Delivery
from tests.outbox.conftest import post

pytestmark = [pytest.mark.usefixtures("registry"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=0.8))


def _leased() -> Delivery:
    now = selectors.database_instant()
    leased = leases.lease_delivery(delivery_id=post(at=now).pk, at=now)
    assert leased is not None
    return leased


def _is_free(delivery: Delivery) -> bool:
    return selectors.workable_ids(queue="documents", at=selectors.database_instant(), limit=1) == [
        delivery.pk
    ]


def test_a_lease_is_renewed_while_the_work_goes_on_and_ends_soon_after() -> None:
    leased = _leased()
    with leases.renewing_lease(leased, at_most=60):
        for _ in range(10):
            time.sleep(0.1)
            assert not _is_free(leased)
    assert not any(thread.name == "renews a lease" for thread in threading.enumerate())
    time.sleep(1)
    assert _is_free(leased)


def test_work_past_its_time_limit_is_left_to_another_worker() -> None:
    leased = _leased()
    with leases.renewing_lease(leased, at_most=0.1):
        time.sleep(1.1)
        assert _is_free(leased)


def test_a_lost_lease_is_not_renewed() -> None:
    leased = _leased()
    Delivery.objects.update(lease_token=uuid.UUID(int=1))
    with leases.renewing_lease(leased, at_most=60):
        time.sleep(1)
        assert _is_free(leased)


def test_a_lease_is_renewed_by_the_clock_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    leased, ahead = _leased(), timedelta(hours=1)
    instant = selectors.database_instant
    monkeypatch.setattr(leases, "database_instant", lambda: instant() + ahead)  # this machine is an hour slow
    with leases.renewing_lease(leased, at_most=60):
        time.sleep(0.3)
    leased.refresh_from_db()
    assert leased.leased_until is not None
    assert leased.leased_until > instant() + ahead


def test_the_end_of_a_delivery_is_written_after_a_broken_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "_PAUSES", (0.0, 0.0))
    cuts = [2]

    def write() -> None:
        if cuts[0]:
            cuts[0] -= 1
            with connection.cursor() as cursor:
                # As the superuser who logged in: the server ends no session of one for another role.
                cursor.execute("RESET SESSION AUTHORIZATION; SELECT pg_terminate_backend(pg_backend_pid())")
        cuts.append(0)

    tasks.write_with_retry(write)
    assert cuts == [0, 0]
    cuts[0] = 9
    with pytest.raises(OperationalError):
        tasks.write_with_retry(write)
    connection.close()


def test_the_end_of_a_delivery_is_written_again_after_a_closed_cursor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "_PAUSES", (0.0, 0.0))
    written: list[bool] = []

    def write() -> None:
        written.append(len(written) > 1)
        if not written[-1]:
            cursor = connection.cursor()
            cursor.close()
            with pytest.raises(InterfaceError) as closed:
                cursor.execute("SELECT 1")
            raise closed.value

    tasks.write_with_retry(write)
    assert written == [False, False, True]
