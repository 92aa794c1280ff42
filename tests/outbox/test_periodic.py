"""Periodic deliveries: posted once per period by any sweep, one at a time, and not all at once after an outage."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from intake.outbox import kinds, leases, services, tasks
from intake.outbox.models import Delivery
from tests.outbox.conftest import AT

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def hourly(registry: dict[str, list[int]]) -> list[int]:
    """Register a kind with a period of one hour. Return the deliveries for which it was run."""
    runs: list[int] = []
    del registry
    kinds.register_periodic(
        "HOURLY", lambda delivery, _at: runs.append(delivery.pk), every=HOUR, label="Heure"
    )
    return runs


def _done() -> None:
    Delivery.objects.update(state="DONE", done_at=AT)


def _keys() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("key", flat=True))


@pytest.mark.parametrize(
    "every,start",
    [
        (HOUR, datetime(2027, 9, 1, 14, 0, tzinfo=UTC)),
        (timedelta(minutes=10), datetime(2027, 9, 1, 14, 20, tzinfo=UTC)),
        (timedelta(days=1), datetime(2027, 9, 1, 0, 0, tzinfo=UTC)),
    ],
)
def test_a_period_starts_at_the_same_instant_in_any_zone(every: timedelta, start: datetime) -> None:
    at = datetime(2027, 9, 1, 10, 29, 59, 999999, tzinfo=UTC) + timedelta(hours=4)
    assert services.period_start(at, every=every) == start
    assert services.period_start(start, every=every) == start


def test_a_period_below_a_second_or_a_registered_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="too often"):
        kinds.register_periodic("OFTEN", lambda _delivery, _at: None, every=timedelta(0))
    with pytest.raises(kinds.DuplicateKindError):
        kinds.register_periodic("TEST_JOB", lambda _delivery, _at: None, every=HOUR)


@pytest.mark.django_db
def test_a_periodic_job_with_nothing_to_do_is_not_posted() -> None:
    needed: list[datetime] = []
    kinds.register_periodic(
        "SOMETIMES",
        lambda _delivery, _at: None,
        every=timedelta(seconds=1),
        is_needed=lambda asked: asked in needed,
    )
    services.post_due(at=AT)
    assert not Delivery.objects.filter(kind="SOMETIMES").exists()
    needed.append(AT)
    services.post_due(at=AT)
    assert Delivery.objects.filter(kind="SOMETIMES").exists()


@pytest.mark.django_db
def test_sweeps_post_a_periodic_delivery_once_per_period(woken: list[tuple[int, str]]) -> None:
    del woken
    for minutes, most in ((0, 9), (1, 1), (59, 1)):  # once posted, a check is one query
        with CaptureQueriesContext(connection) as captured:
            services.post_due(at=AT + timedelta(minutes=minutes))
        assert len(captured) <= most
        _done()
    assert _keys() == ["2027-09-01T14:00:00+00:00"]
    services.post_due(at=AT + HOUR)
    assert _keys() == ["2027-09-01T14:00:00+00:00", "2027-09-01T15:00:00+00:00"]


@pytest.mark.django_db
def test_missed_periods_are_not_posted_later(woken: list[tuple[int, str]]) -> None:
    del woken
    services.post_due(at=AT)
    _done()
    services.post_due(at=AT + 9 * HOUR)
    assert len(_keys()) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["PENDING", "LEASED"])
def test_no_periodic_delivery_is_posted_while_one_is_pending(
    woken: list[tuple[int, str]], state: str
) -> None:
    del woken
    services.post_due(at=AT)
    if state == "LEASED":
        assert leases.lease_delivery(delivery_id=Delivery.objects.get().pk, at=AT) is not None
    services.post_due(at=AT + HOUR)
    assert len(_keys()) == 1
    Delivery.objects.update(state="DEAD", leased_until=None, lease_token=None)
    services.post_due(at=AT + HOUR)
    assert len(_keys()) == 2  # a DEAD delivery does not block the next one


@pytest.mark.django_db(transaction=True)
def test_simultaneous_sweeps_post_a_periodic_delivery_once(woken: list[tuple[int, str]]) -> None:
    together = Barrier(8, timeout=60)

    def sweep_once() -> None:
        connection.ensure_connection()
        together.wait()
        services.post_due(at=AT)
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(sweep_once) for _ in range(8)]:
            done.result()
    assert len(_keys()) == 1
    assert len(woken) == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_posts_a_periodic_job_and_a_worker_runs_it(
    woken: list[tuple[int, str]], hourly: list[int]
) -> None:
    tasks.sweep()
    delivery = Delivery.objects.get()
    assert set(woken) == {(delivery.pk, "documents")}
    tasks.deliver(delivery.pk)
    assert hourly == [delivery.pk]
    assert Delivery.objects.get().state == "DONE"
