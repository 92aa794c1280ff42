"""Results and order of the queries of deliveries."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from intake.outbox import leases, messages, selectors, services
from intake.outbox.models import Delivery, Message
from intake.outbox.policy import OVERDUE
from intake.outbox.selectors import Backlog
from tests.factories.people import make_staff, make_user
from tests.outbox.conftest import AT, LETTER, post

pytestmark = [pytest.mark.usefixtures("registry"), pytest.mark.django_db]
HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)
FIELDS = (
    *("state", "attempts", "outages", "leased_until", "lease_token", "last_error"),
    *("due_at", "created_at", "asked_again_at", "done_at"),
)


def row(delivery: Delivery) -> dict[str, Any]:
    return dict(Delivery.objects.filter(pk=delivery.pk).values(*FIELDS).get())


def lease_now(delivery: Delivery, at: datetime = AT) -> Delivery:
    leased = leases.lease_delivery(delivery_id=delivery.pk, at=at)
    assert leased is not None
    return leased


def mail_of(delivery: Delivery, **fields: Any) -> Message:
    return Message.objects.create(
        **{
            "delivery": delivery,
            "message_id": messages.message_id_of(delivery),
            "to_address": LETTER.to,
            "subject": LETTER.subject,
            "text": LETTER.text,
            "created_at": AT,
        }
        | fields
    )


def test_unfinished_deliveries_are_counted_by_state_and_age() -> None:
    assert selectors.backlog(older_than=AT) == Backlog(0, 0, 0, 0, None)
    rows = {key: post(key=key, at=AT + hours * HOUR) for hours, key in enumerate("abcdefg")}
    lease_now(rows["b"], AT + 9 * HOUR)
    Delivery.objects.filter(key__in="cd").update(state="DEAD")
    Delivery.objects.filter(key="a").update(state="DONE", done_at=AT)
    Delivery.objects.filter(key="b").update(asked_again_at=AT + 8 * HOUR)
    assert selectors.backlog(older_than=AT + 4 * HOUR) == Backlog(
        pending=3, leased=1, dead=2, older=2, oldest_at=AT + 2 * HOUR
    )
    assert selectors.backlog(older_than=AT + 4 * HOUR + MOMENT).older == 3


def test_the_mails_about_some_objects_are_listed_latest_first() -> None:
    one, two, three = (make_user() for _time in range(3))
    made = []
    for rank, (kind, subject) in enumerate(
        [("TEST_MAIL", one), ("TEST_JOB", one), ("TEST_MAIL", two), ("TEST_MAIL", three), ("TEST_MAIL", one)]
    ):
        with transaction.atomic():
            at = AT + (rank % 4) * HOUR
            made.append(services.post(kind=kind, key=str(rank), subject=subject, at=at))
    mail_of(made[2])
    found = selectors.mails_about([one, two], of_kinds=["TEST_MAIL"])
    with CaptureQueriesContext(connection) as captured:
        assert [one.pk for one in found] == [made[2].pk, made[4].pk, made[0].pk]
        assert found[0].message.to_address == LETTER.to
    assert len(captured) == 1
    assert list(selectors.mails_about([], of_kinds=["TEST_MAIL"])) == []
    assert [one.pk for one in selectors.deliveries_for(one)] == [made[0].pk, made[4].pk, made[1].pk]


def test_failed_and_delayed_deliveries_are_counted() -> None:
    staff = make_staff()
    counts = (selectors.count_failed, selectors.count_delayed_by_outage)
    assert [count(staff) for count in counts] == [0, 0]
    for rank, (state, outages) in enumerate([("DEAD", 0), ("PENDING", 2), ("PENDING", 3), ("DEAD", 9)]):
        made = post(key=str(rank), at=AT + rank * HOUR)
        Delivery.objects.filter(pk=made.pk).update(state=state, outages=outages)
    assert [count(staff) for count in counts] == [2, 1]
    overdue = [selectors.count_overdue(staff, at=AT + hours * HOUR + OVERDUE) for hours in (1, 2, 3)]
    assert overdue == [0, 1, 2]
