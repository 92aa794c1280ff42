"""A receipt whose file the storage lost is made again, and nothing that needs it falls."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from intake.dossiers.invariants import altered_receipts
from intake.dossiers.models import RemadeReceipt, SignedReceipt
from intake.dossiers.receipts import making
from intake.dossiers.receipts.verifying import verify_file
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.submissions.deliveries import compose_dossier
from intake.submissions.models import Receipt
from intake.submissions.services import ask_for_lost_receipt
from tests.factories import receipts
from tests.factories.review import make_dossier
from tests.factories.submissions import make_filing
from tests.submissions.afterwards import browser_of, page_of, submission_of
from tests.submissions.losing import asked, content_of, erase_every_seal, lose

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw every receipt as the same page, which is signed each time anew."""
    monkeypatch.setattr(making, "render_receipt", lambda *_args, **_options: receipts.drawn())
    cache.clear()


@pytest.fixture
def receipt() -> Receipt:
    """One whose PDF is made."""
    made = make_filing()
    deliver(Delivery.objects.get(kind="RECEIPT_PDF", key=made.number).pk)
    return made


def lost(receipt: Receipt) -> bytes:
    return lose(SignedReceipt.objects.get(number=receipt.number))


def test_it_is_said_kindly_and_made_again_and_both_files_are_authentic(receipt: Receipt) -> None:
    client, address = browser_of(receipt), page_of("signed_receipt", receipt, 1)
    first = lost(receipt)
    assert list(altered_receipts()) == [receipt.number]
    assert client.head(address).status_code == 302
    assert asked(receipt) == [], "only who wants the file asks for it"

    for _click in range(2):
        answer = client.get(address, follow=True)
        assert answer.redirect_chain == [(page_of("receipt", receipt), 302)]
        assert "Le fichier de votre accusé est introuvable" in answer.content.decode()
        assert asked(receipt) == [("RECEIPT_PDF", f"{receipt.number}/2")]

    deliver(Delivery.objects.get(key=f"{receipt.number}/2").pk)
    second = content_of(client, address)
    assert second != first
    assert {str(verify_file(content).outcome) for content in (first, second)} == {"AUTHENTIC"}
    assert SignedReceipt.objects.count() == RemadeReceipt.objects.count() == 1
    assert list(altered_receipts()) == []
    entry = Entry.objects.get(action="RECEIPT_PDF_REMADE")
    assert (entry.actor_id, entry.detail) == (None, receipt.number)

    lost(receipt)
    client.get(address)
    assert asked(receipt)[1:] == [("RECEIPT_PDF", f"{receipt.number}/3")]


def test_a_job_run_twice_or_cut_short_makes_it_once(receipt: Receipt) -> None:
    lost(receipt)
    # What a kill between the digest's commit and the file leaves.
    RemadeReceipt.objects.create(
        receipt=SignedReceipt.objects.get(), sha256="0" * 64, size=1, built_at=timezone.now()
    )
    assert ask_for_lost_receipt(receipt=receipt, at=timezone.now())
    again = Delivery.objects.get(key=f"{receipt.number}/2")
    deliver(again.pk)
    made = content_of(browser_of(receipt), page_of("signed_receipt", receipt, 1))
    Delivery.objects.filter(pk=again.pk).update(state="PENDING", done_at=None)
    deliver(again.pk)
    assert content_of(browser_of(receipt), page_of("signed_receipt", receipt, 1)) == made
    assert RemadeReceipt.objects.count() == 2


def test_it_is_made_again_in_the_languages_of_the_first(receipt: Receipt) -> None:
    Delivery.objects.filter(kind="RECEIPT_PDF").update(kind="RECEIPT_PDF_IN_ENGLISH")
    lost(receipt)
    assert ask_for_lost_receipt(receipt=receipt, at=timezone.now())
    assert asked(receipt) == [("RECEIPT_PDF_IN_ENGLISH", f"{receipt.number}/2")]


def test_what_is_kept_or_was_erased_is_not_asked_for(receipt: Receipt) -> None:
    assert not ask_for_lost_receipt(receipt=receipt, at=timezone.now())
    lost(receipt)
    erase_every_seal()
    assert not ask_for_lost_receipt(receipt=receipt, at=timezone.now())
    assert asked(receipt) == []


def test_the_mail_of_the_dossier_leaves_without_it_and_asks_for_it(receipt: Receipt) -> None:
    make_dossier(submission_of(receipt))
    mail = Delivery(kind="DOSSIER_MAIL", key=receipt.number, subject_id=str(receipt.pk))
    letter = compose_dossier(mail, timezone.now())
    assert len(letter.attachments) == 2
    assert "avec votre accusé de réception signé" in " ".join(letter.text.split())
    lost(receipt)
    letter = compose_dossier(mail, timezone.now())
    assert [one.filename for one in letter.attachments] == [f"{receipt.number}.pdf"]
    assert "avec votre accusé de réception signé" not in " ".join(letter.text.split())
    assert asked(receipt) == [("RECEIPT_PDF", f"{receipt.number}/2")]
