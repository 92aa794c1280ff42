"""A draft that another window discards between click and lock: no page fails, and no row remains."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.submissions.after_filing import views as after_filing_views
from intake.submissions.after_filing.operations import discard_amendment
from intake.submissions.attachments import receiving
from intake.submissions.attachments import views as attachments_views
from intake.submissions.drafts.views import section
from intake.submissions.filing import views as filing_views
from intake.submissions.lifecycle.errors import DraftGoneError
from intake.submissions.models import Draft, Filing, PendingUpload, Receipt, Submission
from intake.submissions.offer_changes.operations import acknowledge_changes
from intake.submissions.states import State
from offers.models import Offer
from tests.factories.files import pdf_bytes
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import (
    close_offer,
    make_draft,
    make_filing,
    make_open_offer,
)
from tests.submissions.attachments.test_documents import cv_of, outcome_of, send
from tests.submissions.filed_pages import amend, browser_of, page_of, read, withdraw
from tests.submissions.pages import change_after_read, file_now, pressed, text_of, url

pytestmark = pytest.mark.django_db


def _discard(receipt: Receipt) -> None:
    draft = Draft.objects.get(submission=receipt.filing.submission_id, closed_at=None)
    discard_amendment(draft=draft, actor=draft.submission.candidate)


@pytest.fixture(params=[_discard, withdraw])
def let_go(request: pytest.FixtureRequest) -> Callable[[Receipt], None]:
    """Both ways in which an open draft ends."""
    way: Callable[[Receipt], None] = request.param
    return way


def test_operations_refuse_a_deleted_draft(receipt: Receipt, let_go: Callable[[Receipt], None]) -> None:
    draft = amend(receipt)
    let_go(receipt)
    with pytest.raises(DraftGoneError):
        file_now(draft)
    with pytest.raises(DraftGoneError):
        acknowledge_changes(draft=draft, at=timezone.now())
    assert Filing.objects.count() == 1


def test_filing_a_discarded_amendment_redirects_to_the_receipt(
    monkeypatch: pytest.MonkeyPatch, receipt: Receipt, let_go: Callable[[Receipt], None]
) -> None:
    draft, client = amend(receipt), browser_of(receipt)
    sent = pressed(draft)
    change_after_read(monkeypatch, filing_views, "draft_with_notice", lambda: let_go(receipt))
    answer = client.post(url("file", draft), sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of("receipt", receipt))
    page = read(client, page_of("receipt", receipt))
    assert "Elle n’est pas déposée." in page
    assert receipt.number in page
    assert Filing.objects.count() == 1


def test_two_simultaneous_discards_discard_once(monkeypatch: pytest.MonkeyPatch, receipt: Receipt) -> None:
    amend(receipt)
    client = browser_of(receipt)
    change_after_read(monkeypatch, after_filing_views, "open_draft", lambda: _discard(receipt))
    answer = client.post(page_of("discard", receipt))
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of("receipt", receipt))
    assert "La modification est abandonnée." in read(client, page_of("receipt", receipt))
    assert Submission.objects.get().state == State.SUBMITTED


def test_a_file_inspected_during_the_deletion_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, receipt: Receipt, let_go: Callable[[Receipt], None]
) -> None:
    draft = amend(receipt)
    change_after_read(monkeypatch, receiving, "copy_received", lambda: let_go(receipt))
    answer = send(browser_of(receipt), draft, pdf_bytes(2))
    assert (answer.status_code, outcome_of(answer)) == (409, "closed")
    assert "déjà déposée" in text_of(answer.content)
    assert not PendingUpload.objects.exists()


def test_saving_a_discarded_amendment_redirects_to_the_receipt(
    monkeypatch: pytest.MonkeyPatch, receipt: Receipt
) -> None:
    draft, client = amend(receipt), browser_of(receipt)
    for room, page, posted, said in (
        (
            section,
            url("section", draft, "identite"),
            {"last_name": "Roy", "stay": ""},
            ["Ces réponses n’ont pas été enregistrées."],
        ),
        (attachments_views, url("document_remove", draft, cv_of(draft).pk), {}, []),
    ):
        draft = amend(receipt)
        change_after_read(monkeypatch, room, "open_draft", lambda: _discard(receipt))
        answer = client.post(page, posted, follow=True)
        assert answer.redirect_chain[-1][0] == page_of("receipt", receipt), page
        assert receipt.number in text_of(answer.content)
        assert [str(message) for message in answer.context["messages"]] == said, page
        assert not Draft.objects.filter(pk=draft.pk).exists()
    assert Submission.objects.get().standing_filing_id == receipt.filing_id


def ends(client: Client, offer: Offer) -> tuple[str, str]:
    """Return the HTML of the summary and of the end of an offer's page."""
    page = client.get(offer.get_absolute_url()).content.decode()
    top = page[page.index('<div class="offer-summary">') : page.index('<nav class="offer-contents"')]
    end = page[page.index('<section class="offer-apply"') :].partition("</section>")[0]
    return top, end


def assert_in_both(client: Client, offer: Offer, name: str, argument: Any, label: str) -> None:
    for part in ends(client, offer):
        assert f'href="{reverse(f"submissions:{name}", args=[argument])}">{label}</a>' in part


def test_both_ends_of_an_offer_lead_to_the_next_step_of_its_reader() -> None:
    draft, filed = make_draft(), make_filing().filing.submission
    offer, submission = draft.submission.offer, draft.submission
    for reader in (Client(), client_of(make_user())):
        assert_in_both(reader, offer, "start", offer.number, "Postuler")
    candidate = client_of(submission.candidate)
    assert_in_both(candidate, offer, "tasks", submission.public_id, "Continuer ma candidature")
    assert not any("Postuler" in part for part in ends(candidate, offer))
    candidate = client_of(filed.candidate)
    assert_in_both(candidate, filed.offer, "receipt", filed.public_id, "Voir mon accusé de réception")
    upcoming = make_open_offer(opens_at=timezone.now() + timedelta(days=1))
    assert_in_both(Client(), upcoming, "check", upcoming.number, "Vérifier mon admissibilité")


def test_a_closed_or_cancelled_offer_has_no_button_at_either_end() -> None:
    closed, cancelled = make_open_offer(), make_open_offer()
    close_offer(closed, seconds_ago=60)
    cancel_offer(offer=cancelled, author=make_staff(), reason="Retirée.", at=timezone.now())
    for offer in (closed, cancelled):
        top, end = ends(client_of(make_user()), offer)
        assert "Postuler" not in top + end
        assert "On ne peut plus postuler à cette offre." in text_of(end.encode())
        assert f"{reverse('offers:list')}?etat=ouverte" in end
