"""Above the queue: recent bulk runs, saved views, the shortlist; or the message of an empty queue."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.models import BulkRun, SavedView
from intake.review.queue.saved_views import save_view
from intake.review.queue.views import RunLink, ViewLink, recent_bulk_runs, saved_views_context
from intake.review.shortlist_page.views import shortlist_box
from offers.models import Offer
from tests.factories.exports import make_frozen
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_conflict, make_dossier, make_filed, make_reviewer, make_shortlisted
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


def test_views_with_one_name_are_listed_in_order_of_creation(staff: User) -> None:
    for state in ("SUBMITTED", "DECLINED", "SELECTED"):
        keep(make_staff(), "Midi", f"etat={state}", shared=True)
    links = saved_views_context(asked_by(staff))["links"]
    assert [link.url for link in links] == [
        f"{QUEUE}?etat={state}" for state in ("SUBMITTED", "DECLINED", "SELECTED")
    ]


def test_at_most_twenty_views_of_others_are_displayed(staff: User) -> None:
    other = make_staff()
    SavedView.objects.bulk_create(
        SavedView(owner=other, name=f"Vue {number:02}", query="etat=SUBMITTED", shared=True)
        for number in reversed(range(21))
    )
    found = saved_views_context(asked_by(staff))
    assert [link.name for link in found["links"]] == [f"Vue {number:02}" for number in range(20)]
    assert found["has_own"] is False


@pytest.mark.parametrize("role, fields", [(Role.STAFF, ["name", "shared"]), (Role.REVIEWER, ["name"])])
def test_an_unsaved_filter_may_be_saved(role: Role, fields: list[str]) -> None:
    user = make_staff(role)
    form = saved_views_context(asked_by(user, etat="SUBMITTED"))["form"]
    assert list(form.fields) == fields
    assert saved_views_context(asked_by(user))["form"] is None, "nothing is narrowed"
    assert saved_views_context(asked_by(user, p="3"))["form"] is None, "a page narrows nothing"


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


def test_the_shortlist_box_has_counts_and_links_by_permission(offer: Offer, staff: User) -> None:
    make_dossier(make_shortlisted(offer))
    lists = [make_frozen(offer)]
    make_shortlisted(offer)
    lists.append(make_frozen(offer))
    make_filed(offer)
    make_shortlisted(make_open_offer())
    box = shortlist_box(asked_by(staff), offer.number or "")
    assert box is not None
    form, orders, frozen = box.pop("form"), box.pop("orders"), box.pop("frozen")
    assert form.auto_id == "export-%s"
    assert form.initial.keys() == {"key"}
    assert orders == []
    assert list(frozen) == lists[::-1]
    pages = {
        name: reverse(f"review:{page}", args=[offer.number])
        for name, page in {
            "freeze_url": "freeze_shortlist",
            "ranking_url": "ranking",
            "weights_url": "weights",
            "blind_url": "blind_reading",
            "division_url": "assignments",
        }.items()
    }
    formats = {
        "xlsx": "Classeur Excel (XLSX)",
        "pdf": "Tableau (PDF)",
        "csv": "Données (CSV)",
        "zip": "Dossiers PDF (ZIP)",
    }
    assert box.pop("formats") == [
        {"name": name, "label": label, "url": f"/admin/offres/{offer.number}/preselection.{name}"}
        for name, label in formats.items()
    ]
    assert box.pop("archive_bytes") > 0
    assert box == {"offer": offer, "count": 2, "is_long": False} | pages


def test_the_shortlist_box_links_a_user_in_conflict_to_no_division(offer: Offer, staff: User) -> None:
    make_conflict(make_filed(offer), staff)
    box = shortlist_box(asked_by(staff), offer.number or "")
    assert box is not None
    assert box["division_url"] == ""
    assert box["ranking_url"] != ""


def test_the_shortlist_box_requires_permission_and_is_empty_without_offer(offer: Offer, staff: User) -> None:
    reviewer = make_reviewer(offer)
    assert shortlist_box(asked_by(reviewer), offer.number or "") is None
    for number in ("", "2099-999"):
        assert shortlist_box(asked_by(staff), number) == {"offer": None}


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
