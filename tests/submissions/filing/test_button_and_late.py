"""Responses of the filing button, and contexts of the pages for late or refused requests, in full."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest

from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.submissions.drafts.queries import MANY_REFUSED
from intake.submissions.filing import rush
from intake.submissions.filing.arrivals import check_before_arrival, receive_arrival
from intake.submissions.filing.declarations import DECLARATIONS
from intake.submissions.filing.line import line
from intake.submissions.models import Arrival, Draft, Filing
from tests.database_roles import without_triggers
from tests.factories.arrivals import make_refused_arrival
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    close_offer,
    make_draft,
)
from tests.submissions.pages import browser_of, file_now, pressed, url

pytestmark = pytest.mark.django_db


def _messages(given: Any) -> list[tuple[str, str]]:
    queued = given.wsgi_request._messages._queued_messages
    return [(row.level_tag, str(row).replace("\u00a0", " ")) for row in queued]


# -- The button -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("posted, status", [(None, 302), ({}, 409), ({"seen": "0-0"}, 409)])
def test_a_get_request_or_a_form_without_version_does_not_file(
    posted: dict[str, str] | None, status: int
) -> None:
    draft = make_draft()
    client = browser_of(draft)
    given = (
        client.get(url("file", draft))
        if posted is None
        else client.post(url("file", draft), posted, follow=True)
    )
    assert given.status_code == status
    assert given.headers.get("Location", "") == (url("review", draft) if posted is None else "")
    assert _messages(given) == []
    assert not Filing.objects.exists()


# -- The seal ---------------------------------------------------------------------------------------------------------
def test_the_seal_contains_the_offer_the_person_and_the_documents() -> None:
    draft = make_draft()
    submission, offer = draft.submission, draft.submission.offer
    sealed = read_seal(file_now(draft).filing.seal)
    person = asdict(sealed.person)
    assert person.pop("email") == submission.candidate.email
    assert person == {key: draft.answers[key] for key in person}
    for name in ("number", "organisation", "domain", "place"):
        assert getattr(sealed.call, name) == getattr(offer, name), name
    assert (sealed.call.starts_on, sealed.call.ends_on) == (
        offer.starts_on.isoformat(),
        offer.ends_on.isoformat(),
    )
    assert datetime.fromisoformat(sealed.call.closes_at) == offer.closes_at
    assert sealed.call.dates_label == str(offer.programme.words.dates)
    assert (sealed.call.programme, sealed.call.time_zone) == (offer.programme.name, "America/Toronto")
    rows = draft.documents.select_related("request", "upload").order_by("request__position")
    assert [(row.kind, row.name, row.sha256) for row in sealed.documents] == [
        (row.request.kind, row.upload.original_name, row.upload.sha256) for row in rows
    ]
    assert {row.key: row.text for row in sealed.declarations} == {
        row.key: str(row.text) for row in DECLARATIONS
    }


def _often_refused(draft: Draft) -> Draft:
    for _press in range(MANY_REFUSED):
        make_refused_arrival(draft, reason="INCOMPLETE")
    return draft


def test_presses_of_an_incomplete_draft_leave_few_arrivals_and_one_filing() -> None:
    draft = make_draft()
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"first_name": ""})
    client, sent = browser_of(draft), pressed(draft)
    statuses = {
        client.post(url("file", draft), sent, follow=True).status_code for _press in range(MANY_REFUSED + 5)
    }
    assert statuses == {422}
    assert Arrival.objects.count() == MANY_REFUSED
    assert Entry.objects.filter(action="ARRIVAL_REFUSED").count() == MANY_REFUSED
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers, version=draft.version + 1)
    answer = client.post(url("file", draft), pressed(draft))
    assert answer.headers["Location"] == url("receipt", draft)
    assert Filing.objects.get().received_at == Arrival.objects.get(state=Arrival.State.FILED).arrived_at


@pytest.mark.parametrize("hours, is_stored", [(23, False), (25, True)])
def test_a_press_is_stored_again_a_day_after_many_refused_ones(hours: int, *, is_stored: bool) -> None:
    draft = _often_refused(make_draft())
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"first_name": ""})
    with without_triggers("submissions_arrival") as cursor:
        cursor.execute(
            "UPDATE submissions_arrival SET settled_at = settled_at - %s * interval '1 hour'", [hours]
        )
    browser_of(draft).post(url("file", draft), pressed(draft))
    assert Arrival.objects.count() == MANY_REFUSED + is_stored


def test_the_check_of_a_press_files_nothing_and_refuses_no_press_for_the_closing() -> None:
    draft = _often_refused(make_draft())
    for _time in ("before the closing", "after it"):
        check_before_arrival(
            draft=draft,
            version=draft.version,
            actor=draft.submission.candidate,
            declarations=ALL_DECLARATIONS,
        )
        assert not Filing.objects.exists()
        close_offer(draft.submission.offer, seconds_ago=0)
    assert Arrival.objects.count() == MANY_REFUSED


def test_in_a_rush_a_press_after_a_refused_one_is_received_singly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "is_long", lambda: True)
    received: list[Draft] = []

    def receive(**given: Any) -> Arrival:
        received.append(given["draft"])
        return receive_arrival(**given)

    monkeypatch.setattr(rush, "receive_arrival", receive)
    plain, refused = make_draft(), make_draft()
    make_refused_arrival(refused, reason="INCOMPLETE")
    for draft in (plain, refused):
        assert browser_of(draft).post(url("file", draft), pressed(draft)).status_code in {200, 202, 302}
        assert Arrival.objects.filter(draft=draft).exclude(state=Arrival.State.REFUSED).count() == 1
    assert [one.pk for one in received] == [plain.pk]
