"""Arrivals that their web server left: they wait for the workers, or expired."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.submissions.filing.arrivals import LEFT_AFTER, file_waiting, has_waiting
from tests.factories.submissions import make_arrival

pytestmark = pytest.mark.django_db


def test_an_arrival_is_left_to_the_workers_after_two_seconds() -> None:
    arrival = make_arrival()
    assert not has_waiting(arrival.arrived_at + LEFT_AFTER)
    assert has_waiting(arrival.arrived_at + LEFT_AFTER + timedelta.resolution)


def test_an_expired_arrival_is_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrival = make_arrival()
    monkeypatch.setattr("intake.submissions.filing.operations.ARRIVAL_LASTS", timedelta(0))
    with caplog.at_level(logging.ERROR):
        file_waiting(Delivery(), timezone.now())
    assert [record.getMessage() for record in caplog.records] == [
        f"arrival {arrival.reference} expired: it was in time and is not filed"
    ]
