"""What operators are warned of: arrivals that wait, and those that expired."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.submissions.filing.arrivals import LEFT_AFTER, file_waiting, has_waiting
from tests.factories.submissions import make_arrival
from tests.metrics_log import metrics_written

pytestmark = pytest.mark.django_db


def test_arrivals_that_wait_are_measured_with_the_age_of_the_oldest() -> None:
    arrivals = [make_arrival(), make_arrival()]
    at = arrivals[0].arrived_at + timedelta(seconds=90)
    with metrics_written() as metrics:
        assert not has_waiting(arrivals[0].arrived_at + LEFT_AFTER)
        assert has_waiting(at)
    assert metrics == [{"log": "metrics", "kind": "ARRIVALS", "waiting": 2, "oldest_seconds": 90.0}]


def test_an_expired_arrival_is_measured_once_and_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrival = make_arrival()
    monkeypatch.setattr("intake.submissions.filing.operations.ARRIVAL_LASTS", timedelta(0))
    with caplog.at_level(logging.ERROR), metrics_written() as metrics:
        file_waiting(Delivery(), timezone.now())
    assert metrics == [{"log": "metrics", "kind": "ARRIVAL_EXPIRED"}]
    assert [record.getMessage() for record in caplog.records] == [
        f"arrival {arrival.reference} expired: it was in time and is not filed"
    ]
