"""A filing files the displayed draft: another draft, or a later save, is displayed instead of filed."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from intake.submissions.after_filing.operations import discard_amendment
from intake.submissions.models import Draft, Filing
from intake.web import formats
from tests.factories.files import pdf_bytes
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_filing
from tests.submissions.filed_pages import amend, page_of
from tests.submissions.pages import browser_of, pressed, save_answers, section_of, text_of, url
from tests.submissions.uploading import inspect_received

pytestmark = pytest.mark.django_db
NOT_FILED = "Rien n’est déposé pour l’instant."
HIDDEN = re.compile(r'type="hidden" name="(seen|parts)" value="([^"]+)"')


def _button_of(client: Client, draft: Draft, **typed: str) -> dict[str, str]:
    """Return the data that the button of the current page sends, with its hidden fields."""
    shown = dict(HIDDEN.findall(client.get(url("review", draft)).content.decode()))
    assert shown.keys() == {"seen", "parts"}
    return dict.fromkeys(ALL_DECLARATIONS, "on") | shown | typed


def _replace_cv(client: Client, draft: Draft) -> None:
    cv = draft.submission.offer.documents.get(kind="CV")
    shown = client.get(url("document", draft, cv.pk)).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', shown)
    assert seen is not None
    file = SimpleUploadedFile("autre.pdf", pdf_bytes(2))
    sent = client.post(url("document", draft, cv.pk), {"file": file, "seen": seen[1]})
    assert sent.status_code == 302
    assert inspect_received() == 1


def test_a_repeated_filing_does_not_file_a_later_amendment(draft: Draft) -> None:
    phone, laptop = browser_of(draft), browser_of(draft)
    sent = _button_of(phone, draft)
    phone.post(url("file", draft), sent)  # and the response is lost
    receipt = Filing.objects.select_related("receipt").get().receipt
    amendment = amend(receipt, first_name="À demi")
    again = phone.post(url("file", draft), sent)
    assert again.headers["Location"] == url("receipt", draft)
    assert receipt.number in text_of(phone.get(again.headers["Location"]).content)
    assert Filing.objects.count() == 1
    amendment.refresh_from_db()
    assert amendment.closed_at is None
    assert laptop.post(url("file", draft), _button_of(laptop, draft)).status_code == 302
    assert Filing.objects.count() == 2
    replaced = phone.post(url("file", draft), sent, follow=True)
    assert f"Votre dépôt n° {receipt.number} a bien été reçu" in text_of(replaced.content)
    assert Filing.objects.count() == 2


def test_a_file_replaced_in_another_tab_is_displayed_before_the_filing(draft: Draft) -> None:
    client = browser_of(draft)
    sent = _button_of(client, draft)
    _replace_cv(client, draft)
    refused = client.post(url("file", draft), sent, follow=True)
    page = text_of(refused.content)
    label = draft.submission.offer.documents.get(kind="CV").label
    assert refused.status_code == 409
    assert NOT_FILED in page
    assert "Ce qui a changé :" in page
    assert re.findall(r'<li><a href="#partie-(\w+)"[^>]*>([^<]+)</a></li>', page) == [("documents", label)]
    assert "autre.pdf" in page
    assert not Filing.objects.exists()
    assert not re.search(r'type="checkbox"[^>]*\schecked', page), "what was declared was of another file"
    read = dict(HIDDEN.findall(refused.content.decode()))
    filed = client.post(url("file", draft), dict.fromkeys(ALL_DECLARATIONS, "on") | read)
    assert filed.headers["Location"] == url("receipt", draft)


def test_an_answer_changed_in_another_tab_is_named_and_the_message_kept() -> None:
    draft = make_draft(birth_date="1970-01-01")
    client = browser_of(draft)
    sent = _button_of(client, draft, review_message="Mon acte dit 2001.")
    saved = client.post(url("section", draft, "statut"), {"legal_status": "PERMANENT_RESIDENT"})
    assert saved.status_code == 302
    refused = client.post(url("file", draft), sent, follow=True)
    page = text_of(refused.content)
    assert refused.status_code == 409
    assert '<a href="#partie-statut">Statut au Canada</a>' in page
    assert "#partie-documents" not in page
    assert "Mon acte dit 2001." in page
    assert not Filing.objects.exists()


@pytest.mark.parametrize("seen", [None, "", "0", "1-", "-1-2", "1-2-3", "٣-٤", "9" * 19 + "-1", "x\0y"])
def test_a_form_without_a_valid_version_does_not_file(draft: Draft, seen: str | None) -> None:
    sent = pressed(draft) | ({} if seen is None else {"seen": seen})
    if seen is None:
        del sent["seen"]
    refused = browser_of(draft).post(url("file", draft), sent, follow=True)
    assert refused.status_code == 409
    assert NOT_FILED in text_of(refused.content)
    assert "Ce qui a changé" not in text_of(refused.content)
    assert not Filing.objects.exists()


def test_the_number_of_another_draft_does_not_file_it() -> None:
    mine, other = make_draft(), make_draft()
    refused = browser_of(mine).post(url("file", mine), pressed(other), follow=True)
    assert refused.status_code == 409
    filed = make_filing().filing
    assert browser_of(mine).post(url("file", mine), pressed(filed.draft), follow=True).status_code == 409
    assert Filing.objects.count() == 1


def test_a_restarted_amendment_has_another_form_version() -> None:
    receipt = make_filing()
    first = amend(receipt, first_name="Anne")
    client, sent = browser_of(first), pressed(first)
    discard_amendment(draft=first, actor=first.submission.candidate)
    gone = client.post(page_of("file", receipt), sent, follow=True)
    assert "Elle n’est pas déposée." in text_of(gone.content)
    amend(receipt, first_name="Zoé")
    refused = client.post(page_of("file", receipt), sent, follow=True)
    assert refused.status_code == 409
    said = text_of(refused.content)
    assert "Cette modification n’est pas déposée." in said
    assert f'Le dépôt n° <span class="text-nowrap">{receipt.number}</span> reste valide.' in said
    assert Filing.objects.count() == 1


def test_an_incomplete_stale_form_reports_the_changed_draft_first(draft: Draft) -> None:
    client = browser_of(draft)
    sent = _button_of(client, draft)
    del sent["truth"]
    _replace_cv(client, draft)
    refused = client.post(url("file", draft), sent, follow=True)
    assert refused.status_code == 422
    assert NOT_FILED in text_of(refused.content)


def test_a_section_saved_unchanged_keeps_the_form_version(draft: Draft) -> None:
    client, sent = browser_of(draft), _button_of(browser_of(draft), draft)
    Draft.objects.filter(pk=draft.pk).update(saved_at=timezone.now() - timedelta(hours=2))
    before = Draft.objects.get(pk=draft.pk)
    saved = save_answers(draft, "identite", section_of("identite").of(before.answers))
    assert saved.version == before.version
    assert saved.saved_at is not None
    assert before.saved_at is not None
    assert saved.saved_at > before.saved_at
    page = text_of(client.get(url("section", draft, "identite")).content)
    told = f"Brouillon enregistré le {formats.day(saved.saved_at)} à {formats.hour(saved.saved_at)}"
    assert text_of(told.encode()) in page
    assert client.post(url("file", draft), sent).headers["Location"] == url("receipt", draft)
