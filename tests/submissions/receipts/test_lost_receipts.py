"""A receipt that the storage lost is regenerated, and nothing that needs it fails."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.module_loading import import_string

from intake.dossiers.invariants import altered_receipts
from intake.dossiers.models import RemadeReceipt, SignedReceipt
from intake.dossiers.receipts import building
from intake.dossiers.receipts.verifying import verify_file
from intake.dossiers.storage import is_complete_file
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant
from intake.outbox.tasks import deliver
from intake.settings import services
from intake.submissions.mails.filing_mails import compose_dossier
from intake.submissions.models import Receipt
from intake.submissions.receipts.operations import request_lost_receipt
from intake.web.storage import StorageUnavailableError
from tests.factories import receipts
from tests.factories.review import make_dossier
from tests.factories.submissions import make_filing
from tests.submissions.filed_pages import browser_of, page_of, submission_of
from tests.submissions.lost_files import content_of, cut_short, erase_every_seal, lose, requested_again

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw every receipt as the same page; each is signed separately."""
    monkeypatch.setattr(building, "render_receipt", lambda *_args, **_options: receipts.drawn())
    cache.clear()


@pytest.fixture
def receipt() -> Receipt:
    """A receipt whose PDF is made."""
    made = make_filing()
    deliver(Delivery.objects.get(kind="RECEIPT_PDF", key=made.number).pk)
    return made


def lost(receipt: Receipt) -> bytes:
    return lose(SignedReceipt.objects.get(number=receipt.number))


def test_a_lost_receipt_is_reported_and_regenerated_as_an_authentic_file(receipt: Receipt) -> None:
    client, address = browser_of(receipt), page_of("signed_receipt", receipt, 1)
    first = lost(receipt)
    assert list(altered_receipts()) == [receipt.number]
    assert client.head(address).status_code == 302
    assert requested_again(receipt) == [], "only who wants the file asks for it"

    for _click in range(2):
        answer = client.get(address, follow=True)
        assert answer.redirect_chain == [(page_of("receipt", receipt), 302)]
        assert "Nous préparons de nouveau votre accusé de réception." in answer.content.decode()
        assert requested_again(receipt) == [("RECEIPT_PDF", f"{receipt.number}/2")]

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
    assert requested_again(receipt)[1:] == [("RECEIPT_PDF", f"{receipt.number}/3")]


def test_a_receipt_is_not_lost_while_the_storage_does_not_answer(
    receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_away(_name: str) -> bool:
        raise StorageUnavailableError

    monkeypatch.setattr(default_storage, "exists", be_away)
    assert browser_of(receipt).get(page_of("signed_receipt", receipt, 1)).status_code == 503
    assert requested_again(receipt) == []


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_lost_receipt_is_requested_at_the_instant_of_the_database(
    receipt: Receipt, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, before = browser_of(receipt), database_instant()
    lost(receipt)
    wrong = timezone.now() + timedelta(minutes=minutes)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: wrong)
        client.get(page_of("signed_receipt", receipt, 1))
    again = Delivery.objects.get(key=f"{receipt.number}/2")
    assert before <= again.due_at <= database_instant()
    assert before <= again.created_at <= database_instant()


def test_a_truncated_receipt_is_lost_too_and_never_served(receipt: Receipt) -> None:
    client, address = browser_of(receipt), page_of("signed_receipt", receipt, 1)
    for time in (2, 3):  # the regenerated file may be cut too
        cut_short(SignedReceipt.objects.get())
        assert client.get(address).status_code == 302
        assert requested_again(receipt)[-1] == ("RECEIPT_PDF", f"{receipt.number}/{time}")
        deliver(Delivery.objects.get(key=f"{receipt.number}/{time}").pk)
        assert str(verify_file(content_of(client, address)).outcome) == "AUTHENTIC"
        assert list(altered_receipts()) == []
    assert SignedReceipt.objects.get().file.name == f"receipts/{receipt.number}.pdf"


def test_a_full_disk_leaves_the_receipt_lost_until_the_next_attempt(
    receipt: Receipt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = services.storage(tmp_path.as_uri())
    disk = import_string(chosen["BACKEND"])(**chosen["OPTIONS"])
    monkeypatch.setattr(SignedReceipt._meta.get_field("file"), "storage", disk)
    assert request_lost_receipt(receipt=receipt, at=timezone.now()), "nothing is on this disk yet"
    again = Delivery.objects.get(key=f"{receipt.number}/2")
    with monkeypatch.context() as patch:
        patch.setattr(ContentFile, "chunks", _half)
        deliver(again.pk)
    again.refresh_from_db()
    assert again.state == "PENDING"
    assert "OSError" in again.last_error
    assert not is_complete_file(SignedReceipt.objects.get())
    Delivery.objects.filter(pk=again.pk).update(state="PENDING", due_at=timezone.now())
    deliver(again.pk)
    made = content_of(browser_of(receipt), page_of("signed_receipt", receipt, 1))
    assert str(verify_file(made).outcome) == "AUTHENTIC"


def _half(content: ContentFile[bytes], chunk_size: int | None = None) -> Iterator[bytes]:
    del chunk_size
    yield content.read()[:1000]
    raise OSError(28, "No space left on device")


def test_a_repeated_or_interrupted_job_regenerates_the_receipt_once(receipt: Receipt) -> None:
    lost(receipt)
    # The state after a kill between the digest's commit and the file.
    RemadeReceipt.objects.create(
        receipt=SignedReceipt.objects.get(), sha256="0" * 64, size=1, built_at=timezone.now()
    )
    assert request_lost_receipt(receipt=receipt, at=timezone.now())
    again = Delivery.objects.get(key=f"{receipt.number}/2")
    deliver(again.pk)
    made = content_of(browser_of(receipt), page_of("signed_receipt", receipt, 1))
    Delivery.objects.filter(pk=again.pk).update(state="PENDING", done_at=None)
    deliver(again.pk)
    assert content_of(browser_of(receipt), page_of("signed_receipt", receipt, 1)) == made
    assert RemadeReceipt.objects.count() == 2


def test_a_receipt_is_regenerated_in_the_languages_of_the_first(receipt: Receipt) -> None:
    Delivery.objects.filter(kind="RECEIPT_PDF").update(kind="RECEIPT_PDF_IN_ENGLISH")
    lost(receipt)
    assert request_lost_receipt(receipt=receipt, at=timezone.now())
    assert requested_again(receipt) == [("RECEIPT_PDF_IN_ENGLISH", f"{receipt.number}/2")]


def test_an_intact_or_erased_receipt_is_not_requested(receipt: Receipt) -> None:
    assert not request_lost_receipt(receipt=receipt, at=timezone.now())
    lost(receipt)
    erase_every_seal()
    assert not request_lost_receipt(receipt=receipt, at=timezone.now())
    assert requested_again(receipt) == []


def test_the_mail_of_the_dossier_omits_a_lost_receipt_and_requests_it(receipt: Receipt) -> None:
    make_dossier(submission_of(receipt))
    mail = Delivery(kind="DOSSIER_MAIL", key=receipt.number, subject_id=str(receipt.pk))
    letter = compose_dossier(mail, timezone.now())
    assert len(letter.attachments) == 2
    assert "avec votre accusé de réception signé" in " ".join(letter.text.split())
    lost(receipt)
    letter = compose_dossier(mail, timezone.now())
    assert [one.filename for one in letter.attachments] == [f"{receipt.number}.pdf"]
    assert "avec votre accusé de réception signé" not in " ".join(letter.text.split())
    assert requested_again(receipt) == [("RECEIPT_PDF", f"{receipt.number}/2")]
