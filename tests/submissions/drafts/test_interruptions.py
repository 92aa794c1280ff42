"""Ended sessions, old tokens and repeated requests: no typed text is lost, and nothing is filed by mistake."""

import re
import secrets

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from intake.submissions.models import Draft
from tests.factories.files import pdf_bytes
from tests.factories.people import client_of, make_user
from tests.factories.submissions import make_draft
from tests.submissions.pages import text_of, url

pytestmark = pytest.mark.django_db

TYPED = {"first_name": "Zoé", "last_name": "Ó Briain", "birth_date": "4 mai 98"}
HERE = {"origin": "http://testserver"}


def test_a_form_sent_after_the_session_ended_is_restored_after_sign_in(draft: Draft) -> None:
    page = url("section", draft, "identite")
    found = re.search(
        r'name="seen" value="([^"]+)"', client_of(draft.submission.candidate).get(page).content.decode()
    )
    assert found is not None
    browser = Client()
    sent = browser.post(page, {**TYPED, "seen": found[1], "page": "abc.2"})
    assert sent.headers["Location"] == f"{reverse('accounts:sign_in')}?next={page}&motif=formulaire"
    assert "Votre session était terminée" in text_of(browser.get(sent.headers["Location"]).content)
    browser.force_login(draft.submission.candidate)
    back = text_of(browser.get(page).content)
    assert "Voici le formulaire, comme vous l’avez rempli." in back
    assert 'value="Zoé"' in back
    assert 'value="4 mai 98"' in back
    for name, value in (("seen", found[1]), ("page", "abc.2")):
        assert f'name="{name}" value="{value}"' in back, "another tab's save would be overwritten unseen"
    assert "enregistré le" not in back
    assert 'value="Zoé"' not in text_of(browser.get(page).content), "it comes back once"


def test_programmes_being_added_are_restored_too() -> None:
    draft = make_draft(studies=[])
    page = url("section", draft, "etudes")
    browser = Client()
    browser.post(
        page,
        {
            "studies-TOTAL_FORMS": "1",
            "studies-INITIAL_FORMS": "0",
            "studies-0-level": "",
            "studies-0-field_of_study": "Droit de l’IA",
            "add": "1",
        },
    )
    browser.force_login(draft.submission.candidate)
    back = text_of(browser.get(page).content)
    assert 'value="Droit de l’IA"' in back
    assert 'name="studies-1-level"' in back


def test_a_kept_form_is_displayed_only_to_its_owner() -> None:
    page = reverse("profiles:profile")
    owner, stranger = make_user(), make_user()
    shown = client_of(owner).get(page).content.decode()
    field = re.search(r'name="owner" value="([^"]+)"', shown)
    assert field is not None
    for person, seen in ((stranger, False), (owner, True)):
        browser = Client()
        browser.post(page, {"first_name": "Zoé", "owner": field[1]})
        browser.force_login(person)
        assert ('value="Zoé"' in text_of(browser.get(page).content)) is seen


def test_a_file_sent_after_the_session_is_reported_as_lost(draft: Draft) -> None:
    page = url("document", draft, draft.submission.offer.documents.get(kind="CV").pk)
    browser = Client()
    sent = browser.post(page, {"file": SimpleUploadedFile("cv.pdf", pdf_bytes(1))})
    shown = text_of(browser.get(sent.headers["Location"]).content)
    assert "rien n’est enregistré ni déposé" in shown
    browser.force_login(draft.submission.candidate)
    assert browser.get(page).status_code == 200


def test_a_form_too_long_for_a_cookie_is_kept_in_the_page() -> None:
    draft = make_draft()
    page = url("section", draft, "identite")
    browser = Client()
    text = secrets.token_urlsafe(3000)
    held = browser.post(page, {"first_name": f"{text}&"})
    assert held.status_code == 403
    assert "no-store" in held.headers["Cache-Control"]
    assert "Votre texte est encore sur cette page." in text_of(held.content)
    assert f'<input type="hidden" name="first_name" value="{text}&amp;">' in held.content.decode()


def test_a_form_with_an_old_token_is_offered_again_with_a_new_one(draft: Draft) -> None:
    page = url("section", draft, "identite")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(draft.submission.candidate)
    typed = TYPED | {"first_name": '"><b>Zoé', "birth_date": "4 mai 1998"}
    refused = browser.post(page, {**typed, "csrfmiddlewaretoken": "x" * 64}, headers=HERE)
    shown = refused.content.decode()
    assert refused.status_code == 403
    assert "no-store" in refused.headers["Cache-Control"]
    assert "Envoyer de nouveau" in shown
    assert "&quot;&gt;&lt;b&gt;Zoé" in shown
    assert f'action="{page}"' in shown
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', shown.split(f'action="{page}"')[1])
    assert token is not None
    assert browser.post(page, {**typed, "csrfmiddlewaretoken": token[1]}, headers=HERE).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["first_name"] == '"><b>Zoé'


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://ailleurs.example"}, {**HERE, "sec-fetch-site": "cross-site"}],
)
def test_a_form_from_elsewhere_is_never_offered_again(draft: Draft, headers: dict[str, str]) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(draft.submission.candidate)
    refused = browser.post(url("section", draft, "identite"), TYPED, headers=headers)
    assert refused.status_code == 403
    assert "Envoyer de nouveau" not in refused.content.decode()
    before = draft.answers
    draft.refresh_from_db()
    assert draft.answers == before
