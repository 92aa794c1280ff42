"""Lists run as many queries for three rows as for one, and every list is tested."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import intake.urls  # noqa: F401 -- registers the lists of the administration
from intake.accounts.roles import Role
from intake.review.committees.operations import add_committee_member
from intake.review.exports.operations import export_shortlist
from intake.review.shortlists.operations import freeze_shortlist
from offers.models import GridLineData
from tests.factories.exports import make_frozen, make_order, write_all
from tests.factories.offers import make_draft as make_offer_draft
from tests.factories.offers import make_programme, make_synonyms
from tests.factories.participants import make_participation
from tests.factories.people import client_of, make_administrator, make_staff, make_user
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_dossier,
    make_filed,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db


def _filed_application() -> None:
    """Make an assessed submission with its dossier, by a new candidate to a new offer."""
    submission = make_filed(make_open_offer())
    make_dossier(submission)
    make_assessment(submission, make_reviewer(submission.offer), 4)


def _exported_shortlist() -> None:
    """Make a frozen shortlist of a new offer, and its export by a new user."""
    offer = make_open_offer()
    make_shortlisted(offer)
    frozen = freeze_shortlist(offer=offer, actor=make_staff(), reason="Envoi", at=timezone.now())
    export_shortlist(
        offer=offer, shortlist=frozen, file_format="csv", to=BytesIO(), actor=make_staff(), reason="Envoi"
    )


ROWS: dict[str, Callable[[], object]] = {
    "accounts.User": lambda: make_staff(Role.REVIEWER),
    # A filing also posts a mail and a dossier, and writes journal entries.
    "journal.Entry": _filed_application,
    "outbox.Delivery": _filed_application,
    "register.Participation": lambda: make_participation(programme=make_programme()),
    "submissions.Submission": _filed_application,
    "review.CommitteeMember": lambda: make_reviewer(make_open_offer()),
    "review.ShortlistExport": _exported_shortlist,
    "review.Conflict": make_conflict,
    "offers.Offer": lambda: (make_open_offer(programme=make_programme()), make_offer_draft(number=None)),
    "offers.SynonymGroup": make_synonyms,
    "offers.Programme": lambda: (make_programme(), make_open_offer(programme=make_programme())),
}
"""How to add a row to each list of the administration; its relations are not shared with the row before."""
REGISTERED = {model._meta.label: (model, page) for model, page in admin.site._registry.items()}


def _queries(client: Client, address: str) -> tuple[list[str], Any]:
    """Return the queries of a response, and its list if it has one. A first response fills the caches."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    context: Any = answer.context
    return [query["sql"] for query in captured], context.get("cl") if context else None


def _assert_same(one: list[str], three: list[str]) -> None:
    assert len(one) == len(three), "\n".join(three)


def test_every_list_of_the_administration_is_tested() -> None:
    assert ROWS.keys() == REGISTERED.keys(), "Say in ROWS how to make one row more of each list"


@pytest.mark.parametrize("label", sorted(REGISTERED))
def test_a_list_of_the_administration_runs_as_many_queries_for_three_rows(label: str) -> None:
    model = REGISTERED[label][0]
    client = client_of(make_administrator())
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    ROWS[label]()
    one, shown_of_one = _queries(client, address)
    ROWS[label]()
    ROWS[label]()
    three, shown_of_three = _queries(client, address)
    assert shown_of_three.result_count >= shown_of_one.result_count + 2
    _assert_same(one, three)


def test_a_reviewers_queue_runs_as_many_queries_for_three_rows() -> None:
    reviewer = make_reviewer()
    client = client_of(reviewer)
    address = reverse("admin:submissions_submission_changelist")

    def one_more() -> None:
        submission = make_filed(make_open_offer())
        add_committee_member(offer=submission.offer, reviewer=reviewer)
        make_assessment(submission, reviewer, 3)

    one_more()
    one, shown_of_one = _queries(client, address)
    one_more()
    one_more()
    three, shown_of_three = _queries(client, address)
    assert (shown_of_one.result_count, shown_of_three.result_count) == (1, 3)
    _assert_same(one, three)


def test_a_frozen_shortlist_runs_as_many_queries_for_three_rows_and_exports() -> None:
    offer, staff = make_open_offer(), make_staff()

    def one_more() -> str:
        make_dossier(make_shortlisted(offer))
        frozen = make_frozen(offer)
        for _file in range(len(offer.shortlists.all())):
            make_order(staff, frozen)
        write_all()
        return reverse("review:shortlist", args=[offer.number, frozen.number])

    client = client_of(staff)
    one, _list = _queries(client, one_more())
    one_more()
    three, _list = _queries(client, one_more())
    _assert_same(one, three)


def test_the_public_list_runs_as_many_queries_for_three_rows() -> None:
    make_open_offer()
    one, _list = _queries(Client(), reverse("offers:list"))
    make_open_offer()
    make_open_offer()
    three, _list = _queries(Client(), reverse("offers:list"))
    _assert_same(one, three)


@pytest.mark.parametrize(
    "make", [make_draft, lambda *, offer, candidate: make_filed(offer, candidate=candidate)]
)
def test_the_candidates_list_runs_as_many_queries_for_three_rows(make: Callable[..., object]) -> None:
    candidate = make_user()
    client = client_of(candidate)
    make(offer=make_open_offer(), candidate=candidate)
    one, _list = _queries(client, reverse("submissions:mine"))
    make(offer=make_open_offer(), candidate=candidate)
    make(offer=make_open_offer(), candidate=candidate)
    three, _list = _queries(client, reverse("submissions:mine"))
    _assert_same(one, three)


@pytest.mark.parametrize("grid", [(), (GridLineData(text="parle latin"), GridLineData(text="parle grec"))])
def test_the_page_of_a_file_runs_as_many_queries_for_three_assessments(
    grid: tuple[GridLineData, ...],
) -> None:
    offer = make_open_offer(grid=grid)
    submission = make_filed(offer)
    client = client_of(make_staff())
    address = reverse("review:file", args=[submission.public_id])
    make_assessment(submission, make_reviewer(offer), 3)
    one, _list = _queries(client, address)
    make_assessment(submission, make_reviewer(offer), 4)
    make_assessment(submission, make_reviewer(offer), 5)
    three, _list = _queries(client, address)
    _assert_same(one, three)


def test_one_extra_query_fails_the_comparison() -> None:
    with pytest.raises(AssertionError):
        _assert_same(["SELECT 1"], ["SELECT 1", "SELECT 2"])


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    """Start with an empty cache."""
    cache.clear()
