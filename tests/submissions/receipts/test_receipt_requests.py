"""A receipt from before receipts were signed: its PDF is made when the candidate or an operator requests it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from intake.dossiers.receipts import building
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.outbox.selectors import latest_states
from intake.outbox.tasks import deliver
from intake.submissions.filing.sealed_filing import read_filing
from intake.submissions.models import Receipt
from intake.submissions.receipts.operations import request_receipt_pdf
from intake.submissions.receipts.queries import JOBS, PdfStatus, pdf_status_of, receipts_without_pdf
from tests.factories import receipts
from tests.factories.people import make_user
from tests.factories.review import make_signed_receipt
from tests.factories.submissions import make_filing, make_open_offer
from tests.submissions.filed_pages import browser_of, page_of, read, submission_of

pytestmark = pytest.mark.django_db

BUTTON = "Préparer mon accusé de réception en PDF"
UNDER_WAY = "Nous préparons votre accusé de réception en PDF. Il apparaîtra ici"


def make_old_filing(**options: object) -> Receipt:
    """File as before filings posted the PDF receipt."""
    receipt = make_filing(**options)
    Delivery.objects.filter(kind__in=JOBS, key=receipt.number).delete()
    return receipt


def requested_jobs() -> list[tuple[str, str]]:
    return list(Delivery.objects.filter(kind__in=JOBS).order_by("pk").values_list("kind", "key"))


def test_the_page_of_an_old_filing_has_a_button_that_requests_the_pdf(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(building, "render_receipt", lambda *_args, **_options: receipts.drawn())
    receipt = make_old_filing()
    client = browser_of(receipt)
    shown = read(client, page_of("receipt", receipt))
    assert BUTTON in shown
    assert UNDER_WAY not in shown
    assert requested_jobs() == [], "reading a page writes nothing"

    done = client.post(page_of("prepare_receipt", receipt), follow=True)
    assert done.redirect_chain[-1][0] == page_of("receipt", receipt)
    assert requested_jobs() == [("RECEIPT_PDF", receipt.number)]
    shown = read(client, page_of("receipt", receipt))
    assert UNDER_WAY in shown
    assert BUTTON not in shown

    deliver(Delivery.objects.get(kind="RECEIPT_PDF", key=receipt.number).pk)
    assert "Télécharger l’accusé de réception (PDF" in read(client, page_of("receipt", receipt))


def test_repeated_clicks_request_the_pdf_once() -> None:
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


def test_a_candidate_reading_english_gets_an_english_pdf_too() -> None:
    receipt = make_old_filing()
    client = browser_of(receipt)
    client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    client.post(page_of("prepare_receipt", receipt))
    assert requested_jobs() == [("RECEIPT_PDF_IN_ENGLISH", receipt.number)]


def test_a_pdf_already_requested_or_built_is_not_requested_again() -> None:
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


def test_a_pdf_given_up_by_the_outbox_is_displayed_as_failed() -> None:
    receipt = make_filing()
    Delivery.objects.filter(kind__in=JOBS).update(state=Delivery.State.DEAD)
    assert (
        pdf_status_of(read_filing(receipt.filing), latest_states(receipt, of_kinds=JOBS))
        is PdfStatus.GIVEN_UP
    )
    shown = read(browser_of(receipt), page_of("receipt", receipt))
    assert "La préparation de l’accusé de réception en PDF a échoué" in shown
    assert UNDER_WAY not in shown
    assert BUTTON not in shown


def test_an_operator_requests_the_pdfs_of_an_offer_in_batches_oldest_first() -> None:
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
