"""The portal's time for an open page: its instant, the closing, and the parts of a page that depend on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.lifecycle.candidate_status import may_file
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Draft, Submission
from intake.submissions.states import Action
from offers.services.lifecycle import extend_deadline
from tests.factories.complements import (
    expire_request,
    make_filed_and_closed,
    request_complement_for,
    start_answer,
)
from tests.factories.decisions import decide
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff
from tests.factories.submissions import close_offer, make_draft, make_extension, make_filing
from tests.submissions.pages import browser_of, pressed, url

pytestmark = pytest.mark.django_db


def _clock_of(browser: Client, submission: Submission) -> dict[str, Any]:
    answer = browser.get(reverse("submissions:clock", args=[submission.public_id]))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    found: dict[str, Any] = answer.json()
    return found


def _ask(draft: Draft) -> dict[str, Any]:
    return _clock_of(browser_of(draft), draft.submission)


def _flags(found: dict[str, Any]) -> tuple[bool, bool, bool]:
    return found["open"], found["ready"], found["filed"]


def _left(found: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(found["closes_at"]) - datetime.fromisoformat(found["now"])


@pytest.fixture
def draft() -> Draft:
    """A draft that may be filed as it is, ten minutes before the closing."""
    made = make_draft()
    close_offer(made.submission.offer, seconds_ago=-600)
    return made


def test_the_clock_gives_the_databases_instant_and_the_closing(draft: Draft) -> None:
    found = _ask(draft)
    assert abs(datetime.fromisoformat(found["now"]) - timezone.now()) < timedelta(seconds=5)
    closes_at = datetime.fromisoformat(found["closes_at"])
    assert closes_at == draft.submission.offer.closes_at.astimezone(UTC).replace(
        microsecond=closes_at.microsecond
    )
    assert _flags(found) == (True, True, False)
    assert 'data-live="band"' in found["html"]
    assert "Brouillon — non déposée" in found["html"]
    assert "9\u00a0minutes" in found["html"]


def test_only_a_complete_draft_near_the_closing_is_ready(draft: Draft) -> None:
    offer = draft.submission.offer
    for seconds, ready in ((15 * 60 + 30, False), (15 * 60 - 1, True), (30, True), (-1, False)):
        close_offer(offer, seconds_ago=-seconds)
        assert _ask(draft)["ready"] is ready, seconds
    close_offer(offer, seconds_ago=-600)
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"first_name": ""})
    assert _flags(_ask(draft)) == (True, False, False)


def test_after_the_closing_the_parts_say_what_to_do(draft: Draft) -> None:
    close_offer(draft.submission.offer, seconds_ago=1)
    found = _ask(draft)
    assert _flags(found) == (False, False, False)
    for words in ("Les inscriptions ont fermé le", "Écrivez sans attendre", "L’heure limite est passée"):
        assert words in found["html"]
    assert "il reste <" not in found["html"]


def test_an_extension_meanwhile_moves_the_closing_for_whom_it_is(draft: Draft) -> None:
    offer, candidate = draft.submission.offer, draft.submission.candidate
    other = make_draft(offer=offer)
    before = _ask(draft)["closes_at"]
    at = timezone.now()
    make_extension(offer, candidate, days=1)
    mine = _ask(draft)
    assert mine["closes_at"] > before == _ask(other)["closes_at"]
    assert "Votre date limite personnelle" in mine["html"]
    extend_deadline(
        offer=offer,
        author=make_staff(),
        reason="Panne.",
        at=at,
        closes_at=offer.closes_at + timedelta(days=9),
    )
    assert _left(_ask(draft)) > timedelta(days=8)
    assert _ask(other)["closes_at"] == _ask(draft)["closes_at"]


def test_a_cancelled_offer_is_closed_before_its_closing(draft: Draft) -> None:
    cancel_offer(offer=draft.submission.offer, author=make_staff(), reason="Aboli.", at=timezone.now())
    found = _ask(draft)
    assert _flags(found) == (False, False, False)
    assert _left(found) > timedelta(minutes=5)
    assert "L’offre est annulée." in found["html"]


def test_a_draft_filed_in_another_window_is_no_longer_open(draft: Draft) -> None:
    browser = browser_of(draft)
    browser.post(url("file", draft), pressed(draft))
    found = _clock_of(browser, draft.submission)
    assert found["filed"] is True
    assert "Cette page n’est plus à jour" in found["html"]
    assert Submission.objects.get(pk=draft.submission_id).standing_filing is not None


def test_an_amendment_is_ready_once_it_changes_something() -> None:
    receipt = make_filing()
    submission = receipt.filing.submission
    amendment = start_amendment(submission=submission, actor=submission.candidate)
    close_offer(submission.offer, seconds_ago=-600)
    assert _flags(_ask(amendment)) == (True, False, False)
    Draft.objects.filter(pk=amendment.pk).update(version=1)
    found = _ask(amendment)
    assert _flags(found) == (True, True, False)
    assert f"{receipt.number}</span> reste valide" in found["html"]


def test_a_state_that_forbids_amendments_closes_an_open_draft() -> None:
    submission = make_filing().filing.submission
    amendment = start_amendment(submission=submission, actor=submission.candidate)
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=submission, action=action, actor=make_staff())
    assert _flags(_ask(amendment))[0] is True
    decide(submission, action=Action.INVITE, word="Le 12 mai à 10 h.")
    submission.refresh_from_db()
    assert _flags(_ask(amendment))[0] is may_file(submission, at=timezone.now()) is False


def test_a_complement_is_ready_when_all_that_is_requested_changed() -> None:
    submission = make_filed_and_closed()
    asked = request_complement_for(submission)
    expire_request(asked, until="clock_timestamp() + interval '10 minutes'")
    browser = client_of(submission.candidate)
    found = _clock_of(browser, submission)
    assert _flags(found) == (True, False, True), "no answer was started"
    assert "Délai du complément" in found["html"]
    draft = start_answer(submission)
    Draft.objects.filter(pk=draft.pk).update(version=1)
    assert _flags(_clock_of(browser, submission)) == (True, False, False), "the document is as it was filed"
    upload = draft.documents.get(request__kind="CV").upload
    type(upload).objects.filter(pk=upload.pk).update(sha256="cd" * 32)
    assert _flags(_clock_of(browser, submission)) == (True, True, False)


def test_a_visitor_who_is_signed_out_gets_only_the_instant(draft: Draft) -> None:
    answer = Client().get(url("clock", draft))
    assert answer.status_code == 401
    assert answer.json().keys() == {"now"}
    assert "no-store" in answer.headers["Cache-Control"]


def _queries(browser: Client, submission: Submission) -> int:
    _clock_of(browser, submission)
    with CaptureQueriesContext(connection) as captured:
        _clock_of(browser, submission)
    return len(captured)


def test_the_clock_runs_few_queries_and_reads_the_draft_only_near_the_closing(draft: Draft) -> None:
    browser, offer = browser_of(draft), draft.submission.offer
    near = _queries(browser, draft.submission)
    close_offer(offer, seconds_ago=-3600)
    early = _queries(browser, draft.submission)
    assert early == 2, "user, submission"
    assert near <= 10
