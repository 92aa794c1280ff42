"""The candidate's pages when the offer is over or the submission is decided, and the contact that they name."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import RECEIPT_MAIL
from intake.submissions.mails.filing_mails import compose_receipt
from intake.submissions.models import Draft, Submission
from intake.submissions.states import State
from tests.factories.files import pdf_bytes
from tests.factories.offers import mark_cancelled
from tests.factories.people import client_of, make_user
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer
from tests.submissions.pages import browser_of, text_of, url

pytestmark = pytest.mark.django_db


def _cancel(draft: Draft) -> None:
    mark_cancelled(draft.submission.offer_id)


def test_pages_of_a_draft_on_a_cancelled_offer_promise_no_deadline(draft: Draft) -> None:
    client = browser_of(draft)
    offer_page = reverse("offers:page", args=[draft.submission.offer.number])
    assert "il reste" in text_of(client.get(url("tasks", draft)).content).lower()
    assert "Continuer ma candidature" in text_of(client.get(offer_page).content)
    _cancel(draft)
    for page in (
        url("tasks", draft),
        url("review", draft),
        url("documents", draft),
        reverse("submissions:mine"),
    ):
        shown = text_of(client.get(page).content)
        assert "L’offre est annulée" in shown, page
        assert "il reste" not in shown.lower().replace("il reste lisible", ""), page
        assert "ont fermé" not in shown, page
    told = text_of(client.get(offer_page).content)
    assert "Votre brouillon n’a pas été déposé." in told
    assert "Continuer ma candidature" not in told


def test_a_draft_of_a_closed_offer_is_read_only(draft: Draft) -> None:
    client = browser_of(draft)
    cv = draft.submission.offer.documents.get(kind="CV")
    section, document = url("section", draft, "identite"), url("document", draft, cv.pk)
    remove, held = url("document_remove", draft, cv.pk), draft.documents.get(request=cv).upload
    ways = (f'href="{section}"', f'href="{document}"', f'href="{remove}"')
    pages = [url("tasks", draft), url("documents", draft), url("review", draft)]
    opened = "".join(client.get(page).content.decode() for page in pages)
    assert [way in opened for way in ways] == [True, True, True]
    close_offer(draft.submission.offer, seconds_ago=60)
    assert client.get(section).headers["Location"] == url("review", draft)
    assert client.get(document).headers["Location"] == url("documents", draft)
    assert client.get(remove).headers["Location"] == url("documents", draft)
    assert "ont fermé" in text_of(client.get(url("tasks", draft)).content)
    for page in pages:
        shown = client.get(page).content.decode()
        assert [way for way in ways if way in shown] == [], page
    for page, fields in ((document, {"file": SimpleUploadedFile("cv.pdf", pdf_bytes(1))}), (remove, {})):
        answer = client.post(page, fields, follow=True)
        assert "Aucun document n’est ajouté ni retiré" in text_of(answer.content), page
    assert draft.documents.get(request=cv).upload == held


def test_every_page_of_a_submission_names_the_contact_of_its_offer() -> None:
    offer = make_open_offer(contact_unit="Unité de l’offre", contact_email="offre@exemple.invalid")
    draft = make_draft(offer=offer)
    receipt = make_filing(offer=offer)
    cv = offer.documents.get(kind="CV")
    candidate, filed = browser_of(draft), client_of(receipt.filing.submission.candidate)
    for client, page in (
        (client_of(make_user()), reverse("submissions:start", args=[offer.number])),
        (candidate, url("tasks", draft)),
        (candidate, url("section", draft, "etudes")),
        (candidate, url("documents", draft)),
        (candidate, url("document", draft, cv.pk)),
        (candidate, url("review", draft)),
        (filed, reverse("submissions:receipt", args=[receipt.filing.submission.public_id])),
    ):
        assert "mailto:offre@exemple.invalid" in client.get(page).content.decode(), page
    letter = compose_receipt(Delivery.objects.get(kind=RECEIPT_MAIL, key=receipt.number), timezone.now())
    assert "offre@exemple.invalid" in letter.text


def test_a_refused_section_is_not_labelled_saved(draft: Draft) -> None:
    client = browser_of(draft)
    page = url("section", draft, "identite")
    assert "Brouillon enregistré le" in text_of(client.get(page).content)
    assert "Brouillon enregistré le" not in text_of(client.post(page, {"first_name": ""}).content)


@pytest.mark.parametrize("state", [State.INADMISSIBLE, State.DECLINED])
def test_a_negative_decision_is_not_displayed_as_a_success(state: State) -> None:
    submission = make_filing().filing.submission
    Submission.objects.filter(pk=submission.pk).update(state=state)
    client = client_of(submission.candidate)
    mine, receipt = reverse("submissions:mine"), reverse("submissions:receipt", args=[submission.public_id])
    assert "state-success" not in client.get(mine).content.decode()
    page = text_of(client.get(receipt).content)
    assert "Merci" not in page
    assert "Et maintenant" not in page
    Submission.objects.filter(pk=submission.pk).update(state=State.SUBMITTED)
    assert "state-success" in client.get(mine).content.decode()
    page = text_of(client.get(receipt).content)
    assert "Merci" in page
    assert "Et maintenant" in page
