"""In a queue with places, subjects take turns: one at a time of each, and few of all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from intake.outbox import fallback_workers, kinds, leases, selectors, tasks
from intake.outbox.models import Delivery
from intake.outbox.policy import LEASE
from tests.outbox.conftest import post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def done(registry: dict[str, list[int]]) -> list[str]:
    """The keys of the performed deliveries, in order. Ada has three, posted before the one of each other person."""
    del registry
    keys: list[str] = []
    kinds.register_job("FILE", lambda delivery, _at: keys.append(delivery.key), queue="uploads")
    at = selectors.database_instant() - timedelta(minutes=1)
    for rank, (key, subject) in enumerate(
        (("ada 1", "ada"), ("ada 2", "ada"), ("ada 3", "ada"), ("bob 1", "bob"), ("eve 1", "eve"))
    ):
        post(kind="FILE", key=key, subject=subject, at=at + timedelta(seconds=rank))
    return keys


def _turns() -> list[str]:
    ids = selectors.workable_ids(queue="uploads", at=selectors.database_instant(), limit=9)
    known = dict(Delivery.objects.values_list("pk", "key"))
    return [known[pk] for pk in ids]


def _lease(key: str) -> Delivery | None:
    row = Delivery.objects.get(key=key)
    return leases.lease_delivery(delivery_id=row.pk, at=selectors.database_instant())


def test_one_persons_files_delay_anothers_by_one_at_most(
    done: list[str], woken: list[tuple[int, str]]
) -> None:
    for _wake in range(5):
        tasks.deliver_in_turn(Delivery.objects.get(key="ada 3").pk)
    assert done == ["ada 1", "bob 1", "eve 1", "ada 2", "ada 3"]
    assert [queue for _key, queue in woken] == ["uploads"] * 4, "each wakes the next"


def test_who_was_served_since_anothers_file_came_is_served_after_it(
    done: list[str], woken: list[tuple[int, str]]
) -> None:
    for _wake in range(3):
        tasks.deliver_in_turn(Delivery.objects.get(key="ada 3").pk)
    post(kind="FILE", key="zoe 1", subject="zoe", at=selectors.database_instant())
    tasks.deliver_in_turn(Delivery.objects.get(key="ada 3").pk)
    assert done[-1] == "ada 2", "her last one was before"
    assert _turns() == ["zoe 1", "ada 3"]


def test_no_more_run_than_there_are_places_and_one_of_each_person() -> None:
    assert _turns() == ["ada 1", "bob 1"]
    first = _lease("ada 1")
    assert first is not None
    assert _turns() == ["bob 1"]
    assert _lease("ada 2") is None, "one of each person"
    assert _lease("bob 1") is not None
    assert (_turns(), _lease("eve 1")) == ([], None)
    leases.complete_delivery(delivery=first, at=selectors.database_instant())
    assert _turns() == ["eve 1"]
    assert _lease("eve 1") is not None


def test_the_place_of_a_dead_worker_is_free_once_its_lease_is_over() -> None:
    assert _lease("ada 1") is not None
    assert _lease("bob 1") is not None
    assert _turns() == []
    Delivery.objects.filter(state=Delivery.State.LEASED).update(
        leased_until=selectors.database_instant() - LEASE
    )
    assert _turns() == ["ada 1", "bob 1"]
    assert _lease("ada 1") is not None


def test_the_sweep_starts_no_worker_for_what_waits_for_a_place() -> None:
    now = selectors.database_instant()
    assert selectors.has_neglected_delivery(queue="uploads", before=now - timedelta(seconds=2))
    _lease("ada 1")
    _lease("bob 1")
    assert not selectors.has_neglected_delivery(queue="uploads", before=now - timedelta(seconds=2))


@pytest.mark.usefixtures("woken")
def test_without_the_broker_people_take_turns_too(done: list[str]) -> None:
    fallback_workers.deliver_due(queue="uploads", stop=threading.Event(), linger=0)
    assert done == ["ada 1", "bob 1", "eve 1", "ada 2", "ada 3"]


def test_a_place_is_taken_under_a_lock() -> None:
    _lease("ada 1")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
        )
        assert cursor.fetchall() == [(leases._PLACES_LOCK,)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_one_place_of_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    both_look = threading.Barrier(2)

    def look(*given: Any, **named: Any) -> bool:
        found = selectors.has_place(*given, **named)
        with suppress(threading.BrokenBarrierError):
            both_look.wait(timeout=1)
        return found

    def lease(key: str) -> bool:
        try:
            return _lease(key) is not None
        finally:
            connection.close()

    monkeypatch.setattr(leases, "has_place", look)
    with ThreadPoolExecutor(2) as workers:
        assert sorted(workers.map(lease, ("ada 1", "ada 2"))) == [False, True]
