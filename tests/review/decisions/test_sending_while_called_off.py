"""A batch is revoked while it is sent: two connections, so each commits."""

import threading
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.review.decisions import sending
from intake.review.decisions.operations import revoke_batch
from intake.submissions.delivery_kinds import DECISION_MAIL
from tests.factories.decisions import make_batch, release, send
from tests.factories.people import make_staff
from tests.factories.review import make_shortlisted
from tests.factories.submissions import make_open_offer


@pytest.mark.django_db(transaction=True)
def test_a_revocation_during_sending_stops_it_between_two_decisions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer = make_open_offer()
    rows = [make_shortlisted(offer) for _time in range(2)]
    batch, staff = release(make_batch(*rows)), make_staff()
    whole: Any = sending._announce
    asked = threading.Event()
    threads: list[threading.Thread] = []

    def call_off() -> None:
        asked.set()
        revoke_batch(batch=batch, actor=staff, at=timezone.now())
        connection.close()

    def in_the_middle(*given: object) -> None:
        if not threads:
            threads.append(threading.Thread(target=call_off))
            threads[0].start()
            asked.wait(5)
            threads[0].join(0.5)
            assert threads[0].is_alive()  # it waits for the lock on the batch
        whole(*given)

    monkeypatch.setattr(sending, "_announce", in_the_middle)
    sending.announce_decision(item_id=batch.items.order_by("pk")[0].pk, at=timezone.now())
    threads[0].join(10)
    send(batch)
    close_old_connections()
    assert [item.state for item in batch.items.order_by("pk")] == ["DONE", "REVOKED"]
    assert batch.state == "REVOKED"
    assert Delivery.objects.filter(kind=DECISION_MAIL).count() == 1
