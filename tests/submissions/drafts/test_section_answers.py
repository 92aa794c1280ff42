"""Responses of a section's page to each kind of request: redirect, messages, and redisplayed values."""

import re
from typing import Any

import pytest

from intake.submissions.models import Draft
from intake.submissions.questions.answers import clean_answers
from tests.factories.complements import make_filed_and_closed, request_complement_for, start_answer
from tests.factories.submissions import close_offer
from tests.submissions.pages import browser_of, section_of, url, view_context
from tests.submissions.test_late_refusals import NOT_ASKED

pytestmark = pytest.mark.django_db


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
