"""A file, a list and a job among others of their kind: each is written, counted and asked for by itself."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.review.kinds import DECISIONS
from intake.review.models import ExportOrder
from intake.review.services import cancel_order, export_orders, export_shortlist, sending
from offers.models import Offer
from tests.factories.decisions import make_batch, release
from tests.factories.exports import make_frozen, make_order
from tests.factories.people import make_staff
from tests.factories.review import make_dossier, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


def test_an_order_says_how_far_it_is_and_ends_without_another_one(offer: Offer) -> None:
    make_shortlisted(offer)
    frozen, staff = make_frozen(offer), make_staff()
    written, other = make_order(staff, frozen, "csv"), make_order(staff, frozen, "xlsx")
    export_orders._ticker(written)()
    assert dict(ExportOrder.objects.values_list("pk", "done")) == {written.pk: 1, other.pk: 0}
    cancel_order(order=written, actor=staff)
    with pytest.raises(export_orders._OverError):
        export_orders._ticker(written)()
    other.refresh_from_db()
    assert (other.done, other.state) == (0, "OPEN")


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "zip"])
def test_a_frozen_list_is_written_whatever_joined_the_list_since(offer: Offer, file_format: str) -> None:
    make_dossier(make_shortlisted(offer))
    frozen, staff = make_frozen(offer), make_staff()
    make_dossier(make_shortlisted(offer))
    rows = [
        export_shortlist(
            offer=offer, file_format=file_format, to=BytesIO(), actor=staff, reason="Envoi", shortlist=listed
        ).rows
        for listed in (frozen, None)
    ]
    assert rows == [1, 2]


def test_the_rest_of_a_long_batch_is_asked_for_at_the_instant_of_its_first_job(
    offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 1)
    batch = release(make_batch(*(make_shortlisted(offer) for _each in range(3))))
    at = timezone.now() + timedelta(minutes=3)
    items = list(batch.items.order_by("pk").values_list("pk", flat=True))
    for done in range(1, 4):
        sending.send_decisions(Delivery.objects.filter(kind=DECISIONS).latest("pk"), at)
        assert batch.items.filter(state="DONE").count() == done
    jobs = list(Delivery.objects.filter(kind=DECISIONS).order_by("pk").values_list("key", "due_at"))
    assert jobs[1:] == [(f"{batch.pk}.0-{item}", at) for item in items[1:]]
    batch.refresh_from_db()
    assert (batch.state, batch.ended_at) == ("SENT", at)
