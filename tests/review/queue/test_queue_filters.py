"""Choices of each filter of the queue: the submissions kept, the users who get the choice, and its label."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.assignment.operations import assign_files
from intake.review.committees.operations import remove_committee_member
from intake.review.models import Assignment, CommitteeMember
from intake.review.queue.stages import STAGES
from intake.review.queue.work_filters import (
    parse_days,
)
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Ruling, Submission
from intake.submissions.states import Action, HumanReview, State
from intake.web import formats
from offers.models import Offer
from tests.factories.people import make_staff
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.review import make_ruling as ruled
from tests.factories.submissions import make_open_offer
from tests.review.page_responses import asked_by

if TYPE_CHECKING:
    from intake.review.queue.rows import QueueList

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")
TODAY = timezone.now().astimezone(formats.QUEBEC).date()


def listed(user: User, **query: str) -> "QueueList":
    request = asked_by(user, QUEUE, **query)
    request.resolver_match = resolve(QUEUE)
    return cast("QueueList", admin.site.get_model_admin(Submission).get_changelist_instance(request))


def filtered(user: User, **query: str) -> list[Submission]:
    return list(listed(user, **query).get_queryset(asked_by(user, QUEUE, **query)).order_by("pk"))


def offered(user: User, **query: str) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of each filter, by parameter."""
    specs: Any = listed(user, **query).filter_specs
    return {
        spec.parameter_name: [(value, str(label)) for value, label in spec.lookup_choices] for spec in specs
    }


def give(reviewer: User, *files: Submission, due_on: date | None = None) -> None:
    assign_files(
        offer=files[0].offer,
        pairs=[(file.pk, reviewer.pk) for file in files],
        way=Assignment.Way.HAND,
        due_on=due_on,
        actor=make_staff(),
        at=timezone.now(),
    )


@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


# -- Own work, and a member's ----------------------------------------------------------------------------------
def test_the_filters_of_own_work_keep_assigned_drafted_and_marked_files(offer: Offer) -> None:
    ann, bob, gone = (make_reviewer(offer) for _time in range(3))
    late, today, marked, begun, theirs, lost, free = (make_filed(offer) for _time in range(7))
    reserved = make_filed_for_review(offer)
    give(ann, late, today, marked, begun)
    give(bob, theirs)
    give(gone, lost)
    Assignment.objects.filter(submission=late).update(due_on=TODAY - timedelta(days=1))
    Assignment.objects.filter(submission=today).update(due_on=TODAY)
    make_assessment(marked, ann, 4)
    make_assessment(begun, ann, None)
    remove_committee_member(member=CommitteeMember.objects.get(reviewer=gone), actor=make_staff())
    everything = [late, today, marked, begun, theirs, lost, free, reserved]
    assert filtered(ann) == everything
    mine = {
        "a-noter": [late, today, begun],
        "brouillons": [begun],
        "notees": [marked],
        "confiees": [late, today, marked, begun],
        "sans-ma-note": [late, today, begun, theirs, lost, free],
        "rien": [],
    }
    assert {choice: filtered(ann, **{"a-moi": choice}) for choice in mine} == mine
    days = {TODAY.isoformat(): [today], (TODAY + timedelta(days=1)).isoformat(): [], "hier": []}
    assert {day: filtered(ann, rendre=day) for day in days} == days
    staff = make_staff()
    read = {
        f"{ann.pk}-a-noter": [late, today, begun],
        f"{ann.pk}-notees": [marked],
        f"{ann.pk}-en-retard": [late],
        f"{ann.pk}-ancien": [],
        f"{gone.pk}-ancien": [lost],
        f"{ann.pk}-rien": [],
        f"{staff.pk}-a-noter": [],
        "x-a-noter": [],
        f"{'9' * 18}-a-noter": [],
        f"{'9' * 19}-a-noter": [],
        "²-a-noter": [],
    }
    assert {choice: filtered(staff, lecture=choice) for choice in read} == read
    assert filtered(staff, attribution="aucune") == [lost, free]
    assert filtered(staff, attribution="autre") == []
    make_conflict(marked, ann)
    assert filtered(staff, lecture=f"{ann.pk}-notees") == []
    assert filtered(staff, attribution="aucune") == [marked, lost, free]
    words = {
        f"{ann.pk}-a-noter": f"{ann} — à noter",
        f"{ann.pk}-notees": f"{ann} — notées",
        f"{ann.pk}-en-retard": f"{ann} — en retard",
        f"{gone.pk}-ancien": f"{gone} — à attribuer",
        f"{ann.pk}-rien": f"{ann.pk}-rien",
        "x-notees": "x-notees",
    }
    assert {value: offered(staff, lecture=value)["lecture"] for value in words} == {
        value: [(value, label)] for value, label in words.items()
    }
    assert "lecture" not in offered(ann, lecture=f"{ann.pk}-notees"), "only those who divide files ask for it"


# -- States, human reviews, funnel stages, days, criteria --------------------------------------------------------
def test_each_state_review_stage_and_criterion_keeps_its_files(offer: Offer) -> None:
    filed, listed_file = make_filed(offer), make_shortlisted(offer)
    pending, upheld, lifted = (make_filed_for_review(offer) for _time in range(3))
    upheld = ruled(upheld, 1, Ruling.Decision.CONFIRMED)
    lifted = ruled(lifted, 1, Ruling.Decision.OVERTURNED)
    everything = [filed, listed_file, pending, upheld, lifted]
    staff = make_staff()
    cases: dict[tuple[str, str], list[Submission]] = {
        ("etat", "SUBMITTED"): [filed, pending, lifted],
        ("etat", "SHORTLISTED"): [listed_file],
        ("etat", "INADMISSIBLE"): [upheld],
        ("etat", "DECLINED"): [],
        ("reserve", "PENDING"): [pending],
        ("reserve", "UPHELD"): [upheld],
        ("reserve", "LIFTED"): [lifted],
        ("reserve", "sans-attente"): [filed, listed_file, upheld, lifted],
        ("verdict", "ELIGIBLE"): [filed, listed_file],
        ("verdict", "INELIGIBLE"): [pending, upheld, lifted],
        ("etape", "deposees"): everything,
        ("etape", "admissibles"): [filed, listed_file, lifted],
        ("etape", "preselectionnees"): [listed_file],
        ("etape", "decidees"): [upheld],
        ("etape", "loin"): [],
        ("critere", "AGE"): [pending, upheld, lifted],
        ("critere", "DOMICILE"): [],
        ("critere", "TAILLE"): [],
        ("offre", offer.number or ""): everything,
        ("offre", "2099-999"): [],
        ("registre", "a-verifier"): [],
        ("registre", "autre"): [],
        ("complement", "en-cours"): [],
        ("complement", "delai-passe"): [],
    }
    assert {case: filtered(staff, **{case[0]: case[1]}) for case in cases} == cases
    found = offered(staff)
    assert found["etat"] == [(state.value, str(state.label)) for state in State if state != State.DRAFT]
    reserves = [reserve.value for reserve in HumanReview if reserve != HumanReview.NONE]
    assert [value for value, _label in found["reserve"]] == [*reserves, "sans-attente"]
    assert [value for value, _label in found["verdict"]] == ["ELIGIBLE", "NEEDS_REVIEW", "INELIGIBLE"]
    assert found["complement"] == [("en-cours", "Délai en cours"), ("delai-passe", "Délai passé")]
    assert found["etape"] == [(stage.key, str(stage.label)) for stage in STAGES.values()]


def test_days_of_a_filter_last_from_midnight_to_midnight_in_quebec(offer: Offer) -> None:
    file = make_filed(offer)
    assert file.received_at is not None
    day = file.received_at.astimezone(formats.QUEBEC).date()
    staff = make_staff()

    def found(first: int, last: int) -> bool:
        days = [(day + timedelta(days=each)).isoformat() for each in (first, last)]
        return filtered(staff, recues="..".join(days)) == [file]

    assert filtered(staff, recues=day.isoformat()) == [file]
    assert [found(-2, -1), found(-1, 0), found(0, 0), found(0, 1), found(1, 2)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    with CaptureQueriesContext(connection) as asked:
        filtered(staff, recues="2027-03-14..2027-03-14")
    asks = [each["sql"] for each in asked.captured_queries if "2027-03-1" in each["sql"]]
    bounds = "\"received_at\" >= '2027-03-14 00:00:00-05:00'", "\"received_at\" < '2027-03-15 00:00:00-04:00'"
    assert [all(bound in sql for bound in bounds) for sql in asks] == [True] * len(asks)
    assert asks


@pytest.mark.parametrize(
    "value, days",
    [
        ("2027-09-12", (date(2027, 9, 12), date(2027, 9, 12))),
        ("2027-09-06..2027-09-12", (date(2027, 9, 6), date(2027, 9, 12))),
        ("2027-09-06..", (date(2027, 9, 6), date(2027, 9, 6))),
        ("9999-12-30", (date(9999, 12, 30), date(9999, 12, 30))),
        ("9999-12-31", None),
        ("..2027-09-12", None),
        ("hier", None),
        ("2027-09-06..hier", None),
        ("", None),
    ],
)
def test_a_range_of_days_is_labelled_by_its_first_and_last(
    value: str, days: tuple[date, date] | None
) -> None:
    assert parse_days(value) == days


def test_an_assessment_of_a_replaced_filing_starts_again(offer: Offer) -> None:
    from tests.factories.complements import file_answer, request_complement_for  # noqa: PLC0415 -- used in this test only

    ann = make_reviewer(offer)
    file, other = make_filed(offer), make_filed(offer)
    make_assessment(file, ann, 3)
    make_assessment(other, ann, 3)
    request_complement_for(file)
    file_answer(file)
    assert filtered(ann, **{"a-moi": "brouillons"}) == [file]
    move_submission(submission=file, action=Action.START_REVIEW, actor=make_staff())
    assert filtered(ann, **{"a-moi": "notees"}) == [other]
