"""Limits of each attempt to draw a dossier."""

from typing import Any

import pytest
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import DOSSIER, DOSSIER_MAIL
from intake.submissions.receipts import operations as receipts
from tests.factories.submissions import make_filing


@pytest.mark.django_db
def test_a_first_attempt_gets_little_cpu_time_and_later_ones_the_maximum(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[int] = []

    def build_dossier(*, cpu_seconds: int, **_options: Any) -> None:
        given.append(cpu_seconds)

    monkeypatch.setattr(receipts, "build_dossier", build_dossier)
    receipt = make_filing()
    delivery = Delivery.objects.get(kind=DOSSIER, key=receipt.number)
    for attempt in (1, 2, 5):
        delivery.attempts = attempt
        receipts.make_dossier(delivery, timezone.now())
    assert given == [1, 30, 30]
    assert Delivery.objects.filter(kind=DOSSIER_MAIL, key=receipt.number).count() == 1
