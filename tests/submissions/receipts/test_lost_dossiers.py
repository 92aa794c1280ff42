"""A worker regenerates a lost dossier; the record of the first one is kept."""

import pytest
from django.utils import timezone

from intake.dossiers import services as dossiers
from intake.dossiers.invariants import altered_dossiers
from intake.dossiers.models import Dossier, LostDossier
from intake.dossiers.render import RenderedPdf
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.submissions.mails.filing_mails import compose_dossier
from intake.submissions.models import Receipt
from intake.submissions.receipts.operations import request_lost_dossier
from tests.factories.files import pdf_bytes
from tests.factories.submissions import make_filing
from tests.submissions.filed_pages import browser_of, page_of
from tests.submissions.lost_files import content_of, erase_every_seal, lose, requested_again

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Draw every dossier as the last item of the returned list."""
    contents = [pdf_bytes()]

    def draw(*_args: object, **_options: object) -> RenderedPdf:
        return RenderedPdf(contents[-1], len(contents), ())

    monkeypatch.setattr(dossiers, "render_dossier", draw)
    return contents


@pytest.fixture
def receipt() -> Receipt:
    """A receipt whose dossier is made."""
    made = make_filing()
    deliver(Delivery.objects.get(kind="DOSSIER", key=made.number).pk)
    return made


def lost(receipt: Receipt) -> bytes:
    return lose(Dossier.objects.get(number=receipt.number))


def test_a_lost_dossier_is_reported_and_regenerated_with_the_same_bytes(receipt: Receipt) -> None:
    client, address = browser_of(receipt), page_of("dossier", receipt)
    first = lost(receipt)
    assert list(altered_dossiers()) == [receipt.number]
    assert client.head(address).status_code == 302
    assert requested_again(receipt) == [], "only who wants the file asks for it"
    for _click in range(2):
        answer = client.get(address, follow=True)
        assert answer.redirect_chain == [(page_of("receipt", receipt), 302)]
        assert "Nous préparons de nouveau votre dossier PDF" in answer.content.decode()
        assert requested_again(receipt) == [("DOSSIER", f"{receipt.number}/2")]
    assert list(altered_dossiers()) == [receipt.number], "no page makes it"
    mails = Delivery.objects.filter(kind="DOSSIER_MAIL").count()
    deliver(Delivery.objects.get(key=f"{receipt.number}/2").pk)
    assert content_of(client, address) == first
    assert Delivery.objects.filter(kind="DOSSIER_MAIL").count() == mails == 1
    assert list(altered_dossiers()) == []
    assert not LostDossier.objects.exists()
    entry = Entry.objects.get(action="DOSSIER_REMADE")
    assert (entry.actor_id, entry.detail) == (None, receipt.number)
    lost(receipt)
    client.get(address)
    assert requested_again(receipt)[1:] == [("DOSSIER", f"{receipt.number}/3")]


def test_an_intact_or_erased_dossier_is_not_requested(receipt: Receipt) -> None:
    assert not request_lost_dossier(receipt=receipt, at=timezone.now())
    lost(receipt)
    erase_every_seal()
    assert not request_lost_dossier(receipt=receipt, at=timezone.now())
    assert requested_again(receipt) == []


def test_the_mail_of_a_lost_dossier_has_a_link_and_requests_it(receipt: Receipt) -> None:
    mail = Delivery(kind="DOSSIER_MAIL", key=receipt.number, subject_id=str(receipt.pk))
    assert [one.filename for one in compose_dossier(mail, timezone.now()).attachments] == [
        f"{receipt.number}.pdf",
        f"{receipt.number}_accuse.pdf",
    ]
    lost(receipt)
    letter = compose_dossier(mail, timezone.now())
    assert [one.filename for one in letter.attachments] == [f"{receipt.number}_accuse.pdf"]
    assert page_of("receipt", receipt) in letter.text
    assert requested_again(receipt) == [("DOSSIER", f"{receipt.number}/2")]


@pytest.mark.usefixtures("receipt")
def test_a_dossier_whose_file_was_erased_is_not_altered() -> None:
    assert Dossier.objects.update(file="") == 1
    assert list(altered_dossiers()) == []
