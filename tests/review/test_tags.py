"""Template tags: the work list of the dashboard, and the places of a shortlist, in full or in parts."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.templatetags import review
from tests.factories.people import make_staff, make_user
from tests.factories.review import make_reviewer
from tests.factories.submissions import make_open_offer

QUEUE = "/admin/submissions/submission/"
VIEWS, DECIDES, EXPORTS = (
    "submissions.view_submission",
    "submissions.decide_submission",
    "submissions.export_shortlist",
)


# -- Work list ---------------------------------------------------------------------------------------------------
def todo(
    monkeypatch: pytest.MonkeyPatch, *permissions: str, batches: int = 0, seated: bool = False, **counts: int
) -> list[tuple[str, str]]:
    """Return the lines for a user with `permissions`, with these counts of pending work."""
    waiting = dict.fromkeys(("received", "unmarked", "shortlisted", "reserved", "matched"), 0) | counts
    monkeypatch.setattr(review, "work_counts", lambda _user: waiting)
    monkeypatch.setattr(review, "batches_to_approve", lambda _user: SimpleNamespace(count=lambda: batches))
    monkeypatch.setattr(review, "memberships_of", lambda _user: SimpleNamespace(exists=lambda: seated))
    user = SimpleNamespace(has_perm=lambda permission: permission in permissions, is_superuser=False)
    context: Any = {"request": SimpleNamespace(user=user)}
    return [(line.words.replace("\u00a0", " "), line.url) for line in review.review_to_do(context)]


def test_waiting_work_is_displayed_by_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: dict[str, Any] = {"received": 1, "unmarked": 1, "shortlisted": 1, "reserved": 1, "matched": 1}

    def places(*permissions: str) -> list[str]:
        return [url.rpartition("=")[2] for _words, url in todo(monkeypatch, *permissions, **counts)]

    assert places() == []
    assert places(DECIDES) == [], "who reads no candidature is told nothing"
    assert places(VIEWS) == ["sans-attente", "a-noter"]
    assert places(VIEWS, DECIDES) == ["PENDING", "a-verifier", "sans-attente", "a-noter"]
    assert places(VIEWS, EXPORTS) == ["sans-attente", "a-noter", "SHORTLISTED"]


def test_an_empty_work_list_has_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing, seatless = (
        [("Vous n’avez rien à faire.", QUEUE)],
        [("Vous ne siégez encore à aucun comité.", QUEUE)],
    )
    assert todo(monkeypatch, VIEWS, DECIDES) == nothing
    assert todo(monkeypatch, VIEWS, seated=True) == nothing
    assert todo(monkeypatch, VIEWS) == seatless
    assert todo(monkeypatch, VIEWS, DECIDES, shortlisted=1) == nothing, (
        "who may not export has nothing to do with it"
    )


@pytest.mark.django_db
def test_each_part_of_the_home_page_is_for_its_role() -> None:
    offer = make_open_offer()
    reviewer, staff, candidate = make_reviewer(offer), make_staff(), make_user()

    def shown(user: object, **query: str) -> list[Any]:
        context: Any = {"request": SimpleNamespace(user=user, GET=query)}
        return [review.own_dashboard(context), review.offers_dashboard(context)]

    assert [
        [part is not None for part in shown(user)] for user in (reviewer, staff, candidate, AnonymousUser())
    ] == [
        [True, False],
        [False, True],
        [False, False],
        [False, False],
    ]
    other = make_open_offer()
    assert [shown(staff, offre=each.number or "")[1].chosen for each in (offer, other)] == [offer, other]
    assert shown(make_staff(Role.REVIEWER)) == [None, None]


def test_the_home_page_displays_the_day_in_quebec(monkeypatch: pytest.MonkeyPatch) -> None:
    night = datetime(2031, 1, 10, 3, tzinfo=UTC)
    monkeypatch.setattr(review, "timezone", SimpleNamespace(now=lambda: night))
    for name in ("reviewer_dashboard", "staff_dashboard"):
        monkeypatch.setattr(review, name, lambda **asked: asked)
    user = User(is_superuser=True, is_active=True)
    context: Any = {"request": SimpleNamespace(user=user, GET={"offre": "2031-050"})}
    tags: Any = review
    assert tags.own_dashboard(context) == {"user": user, "on": date(2031, 1, 9)}
    assert tags.offers_dashboard(context) == {"user": user, "number": "2031-050", "at": night}
    context["request"].GET = {}
    assert tags.offers_dashboard(context) == {"user": user, "number": "", "at": night}
