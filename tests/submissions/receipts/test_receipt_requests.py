"""A receipt from before receipts were signed: its PDF is made when the candidate or an operator requests it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.dossiers.receipts import building
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.submissions.filing.sealed_filing import read_filing
from intake.submissions.lifecycle.errors import MoveNotAllowedError
from intake.submissions.models import Receipt
from intake.submissions.receipts.operations import request_receipt_pdf
from intake.submissions.receipts.pdf_status import JOBS, PdfStatus, pdf_status_of, receipts_without_pdf
from offers.models import Offer
from tests.factories import receipts
from tests.factories.people import make_user
from tests.factories.review import make_signed_receipt
from tests.factories.submissions import make_draft, make_filing, make_open_offer
from tests.submissions.filed_pages import browser_of, page_of, read, submission_of, withdraw

pytestmark = pytest.mark.django_db

BUTTON = "Préparer mon accusé en PDF"


def make_old_filing(**options: object) -> Receipt:
    """File as before filings posted the PDF receipt."""
    receipt = make_filing(**options)
    Delivery.objects.filter(kind__in=JOBS, key=receipt.number).delete()
    return receipt


def requested_jobs() -> list[tuple[str, str]]:
    return list(Delivery.objects.filter(kind__in=JOBS).order_by("pk").values_list("kind", "key"))


def test_the_page_of_an_old_filing_promises_nothing_and_offers_to_have_it_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(building, "render_receipt", lambda *_args, **_options: receipts.drawn())
    receipt = make_old_filing()
    client = browser_of(receipt)
    shown = read(client, page_of("receipt", receipt))
    assert BUTTON in shown
    assert "En préparation" not in shown
    assert requested_jobs() == [], "reading a page writes nothing"

    done = client.post(page_of("prepare_receipt", receipt), follow=True)
    assert done.redirect_chain[-1][0] == page_of("receipt", receipt)
    assert requested_jobs() == [("RECEIPT_PDF", receipt.number)]
    shown = read(client, page_of("receipt", receipt))
    assert "En préparation" in shown
    assert BUTTON not in shown

    deliver(Delivery.objects.get(kind="RECEIPT_PDF", key=receipt.number).pk)
    assert "Télécharger l’accusé signé" in read(client, page_of("receipt", receipt))


def test_it_is_asked_for_once_however_often_one_clicks() -> None:
    receipt = make_old_filing()
    client = browser_of(receipt)
    client.get(page_of("prepare_receipt", receipt))
    assert requested_jobs() == [], "following the address asks for nothing"
    for _click in range(2):
        client.post(page_of("prepare_receipt", receipt))
    client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    client.post(page_of("prepare_receipt", receipt))
    assert requested_jobs() == [("RECEIPT_PDF", receipt.number)]
    assert Entry.objects.filter(action="RECEIPT_PDF_ASKED").count() == 1


def test_whoever_reads_english_is_given_it_in_english_too() -> None:
    receipt = make_old_filing()
    client = browser_of(receipt)
    client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    client.post(page_of("prepare_receipt", receipt))
    assert requested_jobs() == [("RECEIPT_PDF_IN_ENGLISH", receipt.number)]


def test_what_a_filing_asked_for_or_what_is_made_is_not_asked_for_again() -> None:
    usual, made = make_filing(), make_old_filing(candidate=make_user("autre@exemple.invalid"))
    assert receipts_without_pdf().exists(), "the old one"
    make_signed_receipt(submission_of(made))
    before = requested_jobs()
    for receipt in (usual, made):
        submission = submission_of(receipt)
        assert not request_receipt_pdf(
            submission=submission, actor=submission.candidate, reads_english=False, at=timezone.now()
        )
    assert requested_jobs() == before
    assert not receipts_without_pdf().exists()


def test_nothing_is_asked_for_of_a_draft() -> None:
    submission = make_draft().submission
    with pytest.raises(MoveNotAllowedError):
        request_receipt_pdf(
            submission=submission, actor=submission.candidate, reads_english=False, at=timezone.now()
        )


def test_a_withdrawn_application_keeps_its_proof() -> None:
    receipt = make_old_filing()
    withdraw(receipt)
    client = browser_of(receipt)
    assert BUTTON in read(client, page_of("receipt", receipt))
    client.post(page_of("prepare_receipt", receipt))
    assert requested_jobs() == [("RECEIPT_PDF", receipt.number)]


def test_one_that_the_outbox_gave_up_is_not_said_to_be_on_its_way() -> None:
    receipt = make_filing()
    Delivery.objects.filter(kind__in=JOBS).update(state=Delivery.State.DEAD)
    assert pdf_status_of(read_filing(receipt.filing)) is PdfStatus.GIVEN_UP
    shown = read(browser_of(receipt), page_of("receipt", receipt))
    assert "Sa préparation n’a pas réussi" in shown
    assert "En préparation" not in shown
    assert BUTTON not in shown


def test_an_operator_asks_for_those_of_an_offer_by_the_batch_the_oldest_first() -> None:
    offer = make_open_offer(number="2031-100")
    old = [
        make_old_filing(offer=offer, candidate=make_user(f"{name}@exemple.invalid"))
        for name in ("a", "b", "c")
    ]
    make_old_filing(candidate=make_user("ailleurs@exemple.invalid"))
    said = []
    for _run in range(3):
        out = StringIO()
        call_command("ask_for_receipts", "2031-100", "--at-most", "2", stdout=out)
        said.append(out.getvalue().strip())
    assert said == ["2 asked for, 1 left", "1 asked for, 0 left", "0 asked for, 0 left"]
    assert requested_jobs() == [("RECEIPT_PDF", receipt.number) for receipt in old]


def test_asking_for_many_takes_as_few_statements_as_for_one() -> None:
    counts = []
    for number, size in (("2031-101", 1), ("2031-102", 3)):
        offer = make_open_offer(number=number)
        for rank in range(size):
            make_old_filing(offer=offer, candidate=make_user(f"{number}-{rank}@exemple.invalid"))
        with CaptureQueriesContext(connection) as captured:
            call_command("ask_for_receipts", number, stdout=StringIO())
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_operator_is_told_how_many_receipts_were_asked_for_and_how_many_are_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    offer = make_open_offer()
    for _time in range(3):
        make_filing(offer=offer)
    Delivery.objects.filter(kind="RECEIPT_PDF").delete()
    said = []
    for at_most in ("1", "-4", "9"):
        call_command("ask_for_receipts", offer.number, "--at-most", at_most)
        said.append(capsys.readouterr().out)
    assert said == ["1 asked for, 2 left\n", "0 asked for, 2 left\n", "2 asked for, 0 left\n"]
    assert Offer.objects.filter(pk=offer.pk).exists()
