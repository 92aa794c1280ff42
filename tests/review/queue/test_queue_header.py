"""Above the queue: recent bulk runs, saved views, the shortlist; or the message of an empty queue."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.models import BulkRun, SavedView
from intake.review.queue.saved_views import save_view
from intake.review.queue.views import RunLink, ViewLink, recent_bulk_runs, saved_views_context
from offers.models import Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_reviewer
from tests.factories.submissions import make_open_offer
from tests.review.page_responses import asked_by

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")
SUBMITTED = f"{QUEUE}?etat=SUBMITTED"


@pytest.fixture
def staff() -> User:
    return make_staff()


def keep(owner: User, name: str, query: str = "etat=SUBMITTED", *, shared: bool = False) -> SavedView:
    return save_view(owner=owner, name=name, query=query, shared=shared)


# -- Views -----------------------------------------------------------------------------------------------------
def test_own_views_come_first_then_shared_ones_each_by_name(staff: User) -> None:
    other = make_staff()
    for name in ("Midi", "Aube", "Soir"):
        keep(staff, name)
    for name in ("Nuit", "Brume", "Vent"):
        keep(other, name, "etat=DECLINED", shared=True)
    keep(staff, "Partagée", "reserve=PENDING", shared=True)
    keep(other, "À soi")
    found = saved_views_context(asked_by(staff, etat="DECLINED", p="2"))
    declined = f"{QUEUE}?etat=DECLINED"
    assert found == {
        "links": [
            ViewLink("Aube", SUBMITTED, is_current=False, is_others=False),
            ViewLink("Midi", SUBMITTED, is_current=False, is_others=False),
            ViewLink("Partagée", f"{QUEUE}?reserve=PENDING", is_current=False, is_others=False),
            ViewLink("Soir", SUBMITTED, is_current=False, is_others=False),
            ViewLink("Brume", declined, is_current=True, is_others=True),
            ViewLink("Nuit", declined, is_current=True, is_others=True),
            ViewLink("Vent", declined, is_current=True, is_others=True),
        ],
        "has_own": True,
        "query": "etat=DECLINED",
        "form": None,
    }


# -- Bulk runs -------------------------------------------------------------------------------------------------
def run(actor: User, hours_ago: float, *, over: bool = True, action: str = "START_REVIEW") -> BulkRun:
    at = timezone.now() - timedelta(hours=hours_ago)
    return BulkRun.objects.create(
        actor=actor, key=uuid4(), action=action, asked_at=at, ended_at=at if over else None
    )


def test_recent_and_unfinished_bulk_runs_are_listed(staff: User) -> None:
    run(make_staff(), 1, over=False)
    run(staff, 12.01)
    older, last = run(staff, 30, over=False), run(staff, 1, action="SHORTLIST")
    assert recent_bulk_runs(asked_by(staff)) == [
        RunLink(
            "Présélectionner",
            reverse("review:bulk_run", args=[last.public_id]),
            is_open=False,
            asked_at=last.asked_at,
        ),
        RunLink(
            "Mettre à l’étude",
            reverse("review:bulk_run", args=[older.public_id]),
            is_open=True,
            asked_at=older.asked_at,
        ),
    ]
    first, second = run(staff, 11.9), run(staff, 5)
    assert [link.asked_at for link in recent_bulk_runs(asked_by(staff))] == [
        each.asked_at for each in (last, second, first)
    ]


# -- The shortlist of the chosen offer ---------------------------------------------------------------------------
@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


# -- Empty list ------------------------------------------------------------------------------------------------
def _page(user: User, **query: str) -> str:
    return client_of(user).get(QUEUE, query).content.decode()


def test_an_empty_queue_is_explained() -> None:
    assert "Vous ne siégez encore à aucun comité." in _page(make_reviewer())
    offer = make_open_offer()
    assert "Aucune candidature déposée pour l’instant." in _page(make_reviewer(offer))
    assert "Aucune candidature déposée pour l’instant." in _page(make_staff())
    make_filed(offer)
    assert "Aucune candidature ne correspond à ces filtres." in _page(make_staff(), etat="DECLINED")
