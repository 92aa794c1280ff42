"""The part of the receipt's page that changes by itself, and the PDF of a receipt that has none yet."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from lxml import html

from intake.outbox.models import Delivery, Message, MessageAttachment
from intake.outbox.tasks import deliver
from intake.submissions.delivery_kinds import DOSSIER, DOSSIER_MAIL, RECEIPT_MAIL
from intake.submissions.filing.line import line
from intake.submissions.mails import filing_mails
from intake.submissions.models import Receipt
from intake.submissions.receipts.queries import JOBS
from tests.factories.review import make_dossier, make_signed_receipt
from tests.factories.submissions import make_filing
from tests.submissions.filed_pages import browser_of, page_of, submission_of
from tests.submissions.pages import text_of
from tests.submissions.sent_mails import with_plain_spaces

pytestmark = pytest.mark.django_db

UNDER_WAY = "Nous préparons votre accusé de réception en PDF."
SCRIPT = "js/receipt.js"


def _parts(receipt: Receipt) -> dict[str, str]:
    """Return the state of each part, by its name, and whether the link to refresh is there."""
    answer = browser_of(receipt).get(page_of("receipt_status", receipt))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    tree = html.fragment_fromstring(answer.content.decode(), create_parent=True)
    states = {part.get("data-part"): part.get("data-state") for part in tree.xpath("//*[@data-part]")}
    return states | {"again": "yes" if tree.xpath("//*[@data-again]/a") else "no"}


def _send_its_mail(receipt: Receipt, **changes: Any) -> None:
    delivery = Delivery.objects.get(kind=RECEIPT_MAIL, key=receipt.number)
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DONE, done_at=timezone.now())
    Message.objects.create(
        delivery=delivery,
        message_id=f"<{delivery.public_id}@portail.invalid>",
        to_address="moi@exemple.invalid",
        created_at=timezone.now() - timedelta(minutes=1),
        **{"sent_at": timezone.now()} | changes,
    )


def test_each_part_changes_once_its_file_or_mail_is_ready(receipt: Receipt) -> None:
    before = {"pdf": "UNDER_WAY", "dossier": "", "mail": "", "again": "yes"}
    assert _parts(receipt) == before
    make_signed_receipt(submission_of(receipt))
    assert _parts(receipt) == before | {"pdf": "MADE"}
    _send_its_mail(receipt)
    assert _parts(receipt) == before | {"pdf": "MADE", "mail": "SENT"}
    make_dossier(submission_of(receipt))
    assert _parts(receipt) == {"pdf": "MADE", "mail": "SENT", "dossier": "MADE", "again": "no"}


@pytest.mark.parametrize("is_rush, pause", [(False, "2"), (True, "30")])
def test_a_page_opened_in_a_rush_asks_later(
    receipt: Receipt, monkeypatch: pytest.MonkeyPatch, *, is_rush: bool, pause: str
) -> None:
    monkeypatch.setattr(line, "is_long", lambda: is_rush)
    page = html.fromstring(browser_of(receipt).get(page_of("receipt", receipt)).content.decode())
    assert page.xpath("//@data-pause") == [pause]


@pytest.mark.parametrize(
    "changes, said",
    [
        ({}, "Courriel de confirmation envoyé à moi@exemple.invalid à"),
        ({"returned_at": timezone.now(), "report_code": "5.2.2"}, "nous est revenu"),
    ],
)
def test_the_state_of_the_mail_is_stated_as_text(
    receipt: Receipt, changes: dict[str, Any], said: str
) -> None:
    client, address = browser_of(receipt), page_of("receipt_status", receipt)

    def text() -> str:
        tree = html.fragment_fromstring(client.get(address).content.decode(), create_parent=True)
        return with_plain_spaces(tree.text_content())

    assert "Nous vous envoyons un courriel de confirmation. Comptez une minute." in text()
    _send_its_mail(receipt, **changes)
    assert said in text()
    assert ("cette page en est la preuve" in text()) == bool(changes)


def test_the_latest_mail_of_a_receipt_counts(receipt: Receipt) -> None:
    _send_its_mail(receipt)
    again = Delivery.objects.get(kind=RECEIPT_MAIL, key=receipt.number)
    again.pk, again.public_id, again.key = None, uuid4(), f"{receipt.number}/again"
    again.state, again.done_at = Delivery.State.PENDING, None
    again.created_at += timedelta(minutes=1)
    again._state.adding = True
    again.save()
    assert _parts(receipt)["mail"] == ""


@pytest.mark.parametrize("kind", JOBS)
def test_a_requested_pdf_is_under_way_in_either_language(receipt: Receipt, kind: str) -> None:
    Delivery.objects.filter(kind__in=JOBS).update(kind=kind)
    assert _parts(receipt)["pdf"] == "UNDER_WAY"


@pytest.mark.parametrize("kind", JOBS)
def test_nothing_is_awaited_of_a_failed_pdf_and_a_failed_mail(receipt: Receipt, kind: str) -> None:
    make_dossier(submission_of(receipt))
    Delivery.objects.filter(kind__in=JOBS).update(kind=kind)
    Delivery.objects.filter(kind__in=[*JOBS, RECEIPT_MAIL]).update(state=Delivery.State.DEAD)
    assert _parts(receipt) == {"pdf": "GIVEN_UP", "mail": "FAILED", "dossier": "MADE", "again": "no"}


def test_the_page_has_its_script_only_while_something_is_under_way(receipt: Receipt) -> None:
    client = browser_of(receipt)
    assert SCRIPT in client.get(page_of("receipt", receipt)).content.decode()
    submission = submission_of(receipt)
    make_signed_receipt(submission)
    make_dossier(submission)
    _send_its_mail(receipt)
    page = client.get(page_of("receipt", receipt)).content.decode()
    assert SCRIPT not in page
    assert "Actualiser cette page" not in page


@pytest.mark.parametrize("name, statements", [("receipt", 5), ("receipt_status", 4)])
def test_the_pages_of_a_receipt_send_few_statements(
    receipt: Receipt, django_assert_num_queries: Any, name: str, statements: int
) -> None:
    client, address = browser_of(receipt), page_of(name, receipt)
    client.get(address)
    with django_assert_num_queries(statements):
        client.get(address)


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
        deliver(Delivery.objects.get(kind=kind, key=receipt.number).pk)
    names = MessageAttachment.objects.order_by("position").values_list("filename", flat=True)
    assert list(names) == [name.format(receipt.number) for name in attached]
    page = text_of(browser_of(receipt).get(page_of("receipt", receipt)).content)
    assert ("Aussi envoyé à" in page) is sent_too
