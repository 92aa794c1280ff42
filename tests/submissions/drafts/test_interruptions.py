"""Ended sessions, old tokens, repeated or unfinished forms: no typed text is lost, and nothing is filed by mistake."""

import re
import secrets
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from intake.submissions.models import Draft
from intake.submissions.questions.answers import clean_answers
from tests.factories.complements import make_filed_and_closed, request_complement_for, start_answer
from tests.factories.files import pdf_bytes
from tests.factories.people import client_of, make_user
from tests.factories.submissions import close_offer, make_draft
from tests.submissions.pages import browser_of, section_of, text_of, url, view_context
from tests.submissions.test_late_refusals import NOT_ASKED

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
    "headers", [{}, {"origin": "https://ailleurs.example"}, {**HERE, "sec-fetch-site": "cross-site"}]
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


def _messages(answer: Any) -> list[tuple[str, str]]:
    queued = answer.wsgi_request._messages._queued_messages
    return [(row.level_tag, str(row).replace("\u00a0", " ")) for row in queued]


def _posted(draft: Draft, key: str, **changes: str) -> dict[str, Any]:
    section = section_of(key)
    posted = section.form.as_post_data(section.of(draft.answers))
    return {name: value for name, value in posted.items() if value is not None} | changes


def test_a_saved_section_is_confirmed_with_its_hour_and_leads_on(draft: Draft) -> None:
    answer = browser_of(draft).post(url("section", draft, "identite"), _posted(draft, "identite"))
    assert answer.status_code == 302
    ((level, said),) = _messages(answer)
    assert level == "success"
    assert re.fullmatch(r"Identité : enregistré à \d{1,2} h( \d\d)?\.", said)
    last = browser_of(draft).post(url("section", draft, "attestations"), _posted(draft, "attestations"))
    assert last.headers["Location"] == url("documents", draft)


def test_an_unfinished_section_is_saved_and_displayed_with_missing_answers(draft: Draft) -> None:
    client, page = browser_of(draft), url("section", draft, "identite")
    unfinished = _posted(draft, "identite", last_name="")
    answer = client.post(page, unfinished)
    assert (answer.status_code, answer.headers["Location"], _messages(answer)) == (
        303,
        f"{page}?a-corriger",
        [],
    )
    draft.refresh_from_db()
    assert draft.answers["last_name"] is None
    again = view_context(client.get(f"{page}?a-corriger"))
    assert again["saved_unfinished"] is True
    assert [*again["form"].errors] == ["last_name"]
    assert "saved_unfinished" not in view_context(client.get(page))
    for button, leads_to in (("stay", url("tasks", draft)), ("previous", page)):
        left = client.post(page, unfinished | {button: "1"})
        assert (left.status_code, left.headers["Location"]) == (302, leads_to)
    whole = client.post(page, _posted(draft, "identite", last_name="Roy"))
    assert whole.headers["Location"] == url("section", draft, "coordonnees")
    assert "saved_unfinished" not in view_context(client.get(f"{page}?a-corriger"))


def test_an_unreadable_answer_is_kept_as_typed_and_reported(draft: Draft) -> None:
    client, page = browser_of(draft), url("section", draft, "identite")
    wrong = _posted(draft, "identite", last_name="", birth_date="hier")
    to_correct = (
        "warning",
        "Identité : une réponse reste à corriger. Elle est conservée telle que vous l’avez écrite.",
    )
    cases: tuple[tuple[dict[str, str], int, str, list[str]], ...] = (
        ({}, 303, f"{page}?a-corriger", ["last_name", "birth_date"]),
        ({"stay": "1"}, 302, url("tasks", draft), ["birth_date"]),
        ({"previous": "1"}, 302, page, ["birth_date"]),
    )
    for more, status, leads_to, errors in cases:
        answer = client.post(page, wrong | more)
        assert (answer.status_code, answer.headers["Location"]) == (status, leads_to)
        assert (to_correct in _messages(answer)) is bool(more)
        shown = client.get(leads_to if leads_to.startswith(page) else page)
        assert [*view_context(shown)["form"].errors] == errors
    fresh = Draft.objects.get(pk=draft.pk)
    assert clean_answers(fresh.answers) == {
        key: value for key, value in draft.answers.items() if key not in {"last_name", "birth_date"}
    }


def test_answers_sent_too_late_stay_readable_with_the_reason(draft: Draft) -> None:
    client, page = browser_of(draft), url("section", draft, "identite")
    close_offer(draft.submission.offer, seconds_ago=60)
    answer = client.post(page, _posted(draft, "identite", first_name="Tardive"))
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    given = view_context(client.get(page))
    assert (given["closed"], given["why"]) == (True, "")
    assert given["form"]["first_name"].value() == "Tardive"
    assert client.get(page).headers["Location"] == url("review", draft)
    submission = make_filed_and_closed()
    request_complement_for(submission)
    answering = start_answer(submission)
    page = url("section", answering, "identite")
    client = browser_of(answering)
    refused = client.post(page, _posted(answering, "identite", first_name="Autre"))
    assert (refused.status_code, refused.headers["Location"]) == (303, page)
    shown = view_context(client.get(page))
    assert shown["closed"] is True
    assert str(shown["why"]).replace("\u00a0", " ") == NOT_ASKED
    read = browser_of(answering).get(page)
    assert read.headers["Location"] == f"{url('review', answering)}#partie-identite"
    assert _messages(read) == [
        (
            "info",
            "« Identité » ne fait pas partie du complément et ne peut pas changer. Voici ce que vous avez déposé.",
        )
    ]


def test_the_last_section_of_a_complement_without_documents_leads_to_the_list() -> None:
    submission = make_filed_and_closed()
    request_complement_for(submission, sections=["coordonnees", "langues"], documents=[])
    draft = start_answer(submission)
    client = browser_of(draft)
    first = client.post(url("section", draft, "coordonnees"), _posted(draft, "coordonnees"))
    assert first.headers["Location"] == url("section", draft, "langues")
    given = view_context(client.get(url("section", draft, "langues")))
    assert (given["place"], given["places"], given["previous"].key) == (2, 2, "coordonnees")
    last = client.post(url("section", draft, "langues"), _posted(draft, "langues"))
    assert last.headers["Location"] == url("tasks", draft)
    back = client.post(url("section", draft, "langues"), _posted(draft, "langues", previous="1"))
    assert back.headers["Location"] == url("section", draft, "coordonnees")
