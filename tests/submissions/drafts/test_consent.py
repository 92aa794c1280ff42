"""The notice of collection: read and accepted before any data are stored, once per version of its text."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from intake.profiles.models import NoticeAcceptance
from intake.submissions.drafts.collection_notice import COLLECTION, Notice
from intake.submissions.drafts.operations import start_draft
from intake.submissions.models import Filing, Submission
from tests.factories.people import client_of, make_user
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import browser_of, pressed, text_of, url

pytestmark = pytest.mark.django_db

AGREED = {"accepts_notice": "on"}
WORDS = {"2026-12.3": "432253cdb0cb2dc4"}
"""Digest of the text of each version. Another text is another version, which every candidate must accept."""


def test_the_text_of_the_notice_matches_its_version() -> None:
    template = Path(settings.BASE_DIR, "templates/submissions/notice_text.html").read_text()
    words = "".join(re.findall(r'{% translate "([^"]+)" %}', template))
    assert hashlib.sha256(words.encode()).hexdigest()[:16] == WORDS[COLLECTION.version]


def test_a_draft_requires_an_accepted_notice_and_records_it() -> None:
    offer, person = make_open_offer(), make_user()
    client, page = client_of(person), reverse("submissions:start", args=[offer.number])
    shown = text_of(client.get(page).content)
    for said in ("Pour qui et pourquoi", "Qui les lit", "Combien de temps", "Vos droits"):
        assert said in shown
    refused = client.post(page)
    assert refused.status_code == 422
    assert "Cochez cette case pour continuer" in text_of(refused.content)
    assert not Submission.objects.exists()
    assert client.post(page, AGREED).status_code == 302
    accepted = NoticeAcceptance.objects.get()
    assert (accepted.user, accepted.notice, accepted.version) == (person, "collection", COLLECTION.version)
    assert timezone.now() - timedelta(minutes=10) < accepted.at <= timezone.now()


def test_the_notice_is_accepted_once_for_several_offers() -> None:
    candidate, offer = make_draft().submission.candidate, make_open_offer()
    client, page = client_of(candidate), reverse("submissions:start", args=[offer.number])
    assert "accepts_notice" in client_of(make_user()).get(page).content.decode()
    assert "accepts_notice" not in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    assert NoticeAcceptance.objects.count() == 1


def test_a_new_notice_must_be_accepted_before_an_older_draft_continues(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = make_draft()
    client = browser_of(draft)
    assert client.get(url("tasks", draft)).status_code == 200
    later = Notice("collection", "2099-01")
    monkeypatch.setattr("intake.submissions.drafts.views.notice.COLLECTION", later)
    notice = url("notice", draft)
    cv = draft.submission.offer.documents.get(kind="CV")
    asking = [url(name, draft) for name in ("tasks", "documents", "review")]
    for page in (*asking, url("section", draft, "identite"), url("document", draft, cv.pk)):
        assert client.get(page).headers["Location"] == notice
    assert "vos réponses sont toujours là" in text_of(client.get(notice).content)
    assert client.post(notice).status_code == 422
    assert client.post(notice, AGREED).headers["Location"] == url("tasks", draft)
    assert client.get(url("tasks", draft)).status_code == 200
    assert list(NoticeAcceptance.objects.order_by("pk").values_list("version", flat=True)) == [
        "2026-12.3",
        "2099-01",
    ]
    assert "accepts_notice" not in client.get(notice).content.decode()


def test_posted_answers_are_saved_before_the_new_notice() -> None:
    offer, person = make_open_offer(), make_user()
    draft = start_draft(candidate=person, offer=offer)
    sent = browser_of(draft).post(url("section", draft, "statut"), {"legal_status": "CITIZEN"})
    assert sent.status_code == 302
    draft.refresh_from_db()
    assert draft.answers["legal_status"] == "CITIZEN"


def test_filing_requires_acceptance_of_the_new_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = make_draft(birth_date="1970-01-01")
    client = browser_of(draft)
    sent = pressed(draft, review_message="Mon acte dit 2001.")
    later = Notice("collection", "2099-01")
    monkeypatch.setattr("intake.submissions.drafts.views.notice.COLLECTION", later)
    NoticeAcceptance.objects.create(user=make_user(), notice=later.key, version=later.version)  # another's
    refused = client.post(url("file", draft), sent, follow=True)
    shown = text_of(refused.content)
    assert refused.status_code == 422
    assert "Cochez cette case pour continuer" in shown
    assert "Pour qui et pourquoi" in shown
    assert "Mon acte dit 2001." in shown
    assert not Filing.objects.exists()
    assert client.post(url("file", draft), sent | AGREED).headers["Location"] == url("receipt", draft)
    assert later.is_accepted_by(draft.submission.candidate)


def test_accepting_twice_stores_one_record() -> None:
    draft = make_draft()
    client = browser_of(draft)
    assert client.post(url("notice", draft), AGREED).status_code == 302
    assert NoticeAcceptance.objects.count() == 1


def test_answers_of_a_check_are_stored_only_once_the_notice_is_accepted() -> None:
    offer, person = make_open_offer(), make_user()
    client = client_of(person)
    checked = client.post(
        reverse("submissions:check", args=[offer.number]),
        {"birth_date": "4 mai 1998", "studies-TOTAL_FORMS": "0", "studies-INITIAL_FORMS": "0"},
    )
    packed = {"answers": checked.context["packed"]}
    page = reverse("submissions:start_with_answers", args=[offer.number])
    first = client.post(page, packed)
    assert first.status_code == 200
    assert "Pour qui et pourquoi" in text_of(first.content)
    assert not Submission.objects.exists()
    assert client.post(page, packed | {"read": "1"}).status_code == 422
    assert client.post(page, packed | {"read": "1"} | AGREED).status_code == 302
    assert Submission.objects.get().drafts.get().answers["birth_date"] == "1998-05-04"
