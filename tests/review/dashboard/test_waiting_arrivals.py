"""The staff's dashboard while applications that arrived wait to be filed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.committees.operations import declare_conflict
from intake.review.dashboard import staff
from intake.review.dashboard.staff import LONG_WAIT, WaitingArrivals, staff_dashboard
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.filing import arrivals
from intake.submissions.filing.arrivals import LEFT_AFTER
from intake.submissions.models import Arrival
from tests.factories.people import client_of, make_staff
from tests.factories.submissions import make_arrival, make_draft, make_filing, make_open_offer

pytestmark = pytest.mark.django_db

CALM, LONG = "Rien à faire de votre part", "prévenez tout de suite l’équipe technique"
HEADING = "Candidatures arrivées, à déposer"


def waiting(user: User, after: timedelta) -> WaitingArrivals | None:
    """Return what the dashboard says of the arrivals, `after` the oldest of them arrived."""
    oldest = Arrival.objects.order_by("arrived_at")[0].arrived_at
    return staff_dashboard(user=user, number="", at=oldest + after).arrivals


def page_of(user: User) -> str:
    return client_of(user).get(reverse("admin:index")).content.decode()


def test_the_age_of_the_oldest_arrival_is_in_minutes() -> None:
    make_arrival()
    user, instant = make_staff(), timedelta(microseconds=1)
    ages = [LEFT_AFTER + instant, timedelta(minutes=1) - instant, timedelta(minutes=1), LONG_WAIT - instant]
    begin = "1\u00a0candidature attend depuis"
    assert waiting(user, LEFT_AFTER) is None, "its web server files it"
    assert [waiting(user, age) for age in ages] == [
        WaitingArrivals(f"{begin} moins d’une minute.", is_long=False),
        WaitingArrivals(f"{begin} moins d’une minute.", is_long=False),
        WaitingArrivals(f"{begin} 1\u00a0minute.", is_long=False),
        WaitingArrivals(f"{begin} 4\u00a0minutes.", is_long=False),
    ]
    assert waiting(user, LONG_WAIT) == WaitingArrivals(f"{begin} 5\u00a0minutes.", is_long=True)
    make_arrival()
    many = waiting(user, timedelta(seconds=150))
    assert many is not None
    assert many.words == "2\u00a0candidatures attendent, la plus ancienne depuis 2\u00a0minutes."
    with translation.override("en"):
        many = waiting(user, timedelta(seconds=30))
    assert many is not None
    assert many.words == "2 applications are waiting, the oldest for less than a minute."


def test_arrivals_that_ended_do_not_wait() -> None:
    arrival = make_arrival()
    Arrival.objects.update(state=Arrival.State.REFUSED, reason="STALE_DRAFT")
    assert arrival.draft is not None
    assert waiting(make_staff(), timedelta(minutes=1)) is None


def test_a_hidden_application_is_not_counted_while_it_waits() -> None:
    """Neither those of an offer to which the reader applied, nor one of a candidate they are bound to."""
    offer, user, other = make_open_offer(), make_staff(), make_staff()
    make_arrival(make_draft(offer=offer))
    make_draft(offer=offer, candidate=user)
    filed = make_filing().filing.submission
    declare_conflict(submission=filed, reviewer=user, actor=user)
    make_arrival(start_amendment(submission=filed, actor=filed.candidate))
    seen = waiting(other, timedelta(minutes=1))
    assert seen is not None
    assert seen.words.startswith("2\u00a0candidatures")
    assert waiting(user, timedelta(minutes=1)) is None


def test_the_page_explains_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "LEFT_AFTER", timedelta(0))
    user = make_staff()
    assert HEADING not in page_of(user)
    make_arrival()
    calm = page_of(user)
    assert HEADING in calm
    assert CALM in calm
    assert LONG not in calm
    monkeypatch.setattr(staff, "LONG_WAIT", timedelta(0))
    late = page_of(user)
    assert LONG in late
    assert CALM not in late
    assert HEADING not in page_of(make_staff(Role.REVIEWER))


def test_the_dashboard_runs_as_many_queries_for_three_arrivals_as_for_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arrivals, "LEFT_AFTER", timedelta(0))
    browser = client_of(make_staff())
    offer = make_open_offer()

    def queries() -> int:
        browser.get(reverse("admin:index"))
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse("admin:index")).status_code == 200
        return len(captured)

    none = queries()
    for _each in range(3):
        make_arrival(make_draft(offer=offer))
    assert queries() == none
