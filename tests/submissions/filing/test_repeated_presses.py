"""Presses that are refused again and again leave few arrivals, and cost an honest candidate nothing."""

from typing import Any

import pytest

from intake.journal.models import Entry
from intake.submissions.drafts.queries import MANY_REFUSED
from intake.submissions.filing import rush
from intake.submissions.filing.arrivals import check_before_arrival, receive_arrival
from intake.submissions.filing.line import line
from intake.submissions.models import Arrival, Draft, Filing
from tests.factories.arrivals import make_refused_arrival
from tests.factories.submissions import ALL_DECLARATIONS, close_offer, make_draft
from tests.submissions.pages import browser_of, pressed, url

pytestmark = pytest.mark.django_db


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
