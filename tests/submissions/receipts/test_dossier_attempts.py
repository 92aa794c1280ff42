"""Limits of each attempt to draw a dossier, and its mail: what is attached, and what the receipt's page says of it."""

from typing import Any

import pytest
from django.utils import timezone

from intake.outbox.models import Delivery, MessageAttachment
from intake.outbox.tasks import deliver
from intake.submissions.delivery_kinds import DOSSIER, DOSSIER_MAIL
from intake.submissions.mails import filing_mails
from intake.submissions.receipts import operations as receipts
from tests.factories.submissions import make_filing
from tests.submissions.filed_pages import browser_of, page_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "most, attached, sent_too", [(5 << 20, ["{}.pdf", "{}_accuse.pdf"], True), (0, ["{}_accuse.pdf"], False)]
)
def test_the_receipt_is_always_attached_and_the_page_shows_whether_the_dossier_is(
    monkeypatch: pytest.MonkeyPatch, most: int, attached: list[str], *, sent_too: bool
) -> None:
    monkeypatch.setattr(filing_mails, "MAX_ATTACHMENT_BYTES", most)
    receipt = make_filing()
    Delivery.objects.filter(kind=DOSSIER).update(attempts=1)  # a later attempt may take its time
    for kind in (DOSSIER, DOSSIER_MAIL):  # its own job has not made the receipt yet
        deliver(Delivery.objects.get(kind=kind).pk)
    names = MessageAttachment.objects.order_by("position").values_list("filename", flat=True)
    assert list(names) == [name.format(receipt.number) for name in attached]
    page = text_of(browser_of(receipt).get(page_of("receipt", receipt)).content)
    assert ("Aussi envoyé à" in page) is sent_too


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
