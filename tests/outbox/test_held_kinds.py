"""A held kind of delivery waits for something more urgent, while the other kinds of its queue go on."""

from datetime import datetime, timedelta

import pytest

from intake.outbox import kinds, leases, selectors, tasks
from intake.outbox.models import Delivery
from tests.outbox.conftest import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(registry: dict[str, list[int]]) -> dict[str, bool]:
    """Register HELD beside TEST_JOB, and hold it until the test changes the value."""
    state = {"HELD": True}

    def run(delivery: Delivery, _at: datetime) -> None:
        registry["TEST_JOB"].append(delivery.pk)

    kinds.register_job("HELD", run, is_held=lambda _at: state["HELD"])
    return state


def test_a_held_delivery_starts_once_it_is_released(
    held: dict[str, bool], registry: dict[str, list[int]]
) -> None:
    delivery = post(kind="HELD", at=selectors.database_instant())
    tasks.deliver_by_priority(delivery.pk)
    assert registry["TEST_JOB"] == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("PENDING", 0)
    held["HELD"] = False
    tasks.deliver_by_priority(delivery.pk)
    assert registry["TEST_JOB"] == [delivery.pk]


def test_the_sweep_wakes_no_worker_for_it_and_takes_later_deliveries(held: dict[str, bool]) -> None:
    at = selectors.database_instant()
    first = post(kind="HELD", at=at - timedelta(hours=1))
    other = post(kind="TEST_JOB", at=at)
    assert selectors.workable_ids(queue="documents", at=at, limit=9) == [other.pk]
    held["HELD"] = False
    assert selectors.workable_ids(queue="documents", at=at, limit=9) == [first.pk, other.pk]


def test_no_other_worker_starts_for_it(held: dict[str, bool]) -> None:
    at = selectors.database_instant()
    post(kind="HELD", at=at - timedelta(hours=1))
    assert not selectors.has_neglected_delivery(queue="documents", before=at)
    held["HELD"] = False
    assert selectors.has_neglected_delivery(queue="documents", before=at)


def test_what_began_before_goes_on(held: dict[str, bool]) -> None:
    held["HELD"] = False
    at = selectors.database_instant()
    delivery = leases.lease_delivery(delivery_id=post(kind="HELD", at=at).pk, at=at)
    assert delivery is not None
    held["HELD"] = True
    assert leases.renew_lease(delivery=delivery, at=at)
    assert leases.complete_delivery(delivery=delivery, at=at)
