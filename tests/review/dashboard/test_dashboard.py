"""The dashboard: each figure equals the rows of its list, for each role, at a constant number of queries."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery, Message
from intake.outbox.policy import OUTAGE_ALERT_ATTEMPT
from intake.review.assignment.operations import assign_files
from intake.review.committees.operations import add_committee_member, declare_conflict
from intake.review.dashboard import figures
from intake.review.dashboard.staff import StaffDashboard, staff_dashboard
from intake.review.models import Assignment
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.decisions import decide
from tests.factories.people import client_of, make_administrator, make_staff
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db

INDEX = "admin:index"
TODAY = timezone.localdate()
_FIGURE = re.compile(r'<a href="([^"]+)"[^>]*>(?:<strong>)?(\d+)')


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="module")
def made(module_db: None) -> Offer:
    """An offer with a file in each place that a figure counts, and a committee of two who share some files."""
    offer = make_open_offer(number="2031-050")
    filed = [make_filed(offer) for _ in range(3)]
    make_filed_for_review(offer)
    make_shortlisted(offer)
    make_draft(offer=offer)
    staff = make_staff()
    decide(make_filed(offer), action=Action.FIND_INADMISSIBLE, word="Incomplet.")
    ann, bob = make_reviewer(offer, email="ann@exemple.invalid"), make_reviewer(offer)
    give(filed[:2], ann, staff, due_on=TODAY)
    give(filed[1:], bob, staff, due_on=None)
    make_assessment(filed[0], ann, 4)
    Assignment.objects.filter(reviewer=ann).update(due_on=TODAY - timedelta(days=3))
    return offer


@pytest.fixture
def offer(made: Offer) -> Offer:
    return deepcopy(made)


def give(submissions: list[Submission], reviewer: User, staff: User, due_on: date | None) -> None:
    assign_files(
        offer=submissions[0].offer,
        pairs=[(submission.pk, reviewer.pk) for submission in submissions],
        way=Assignment.Way.HAND,
        due_on=due_on,
        actor=staff,
        at=timezone.now(),
    )


def dashboard_of(user: User) -> StaffDashboard:
    return staff_dashboard(user=user, number="2031-050", at=timezone.now())


def listed(user: User, address: str) -> int:
    """Return the number of rows of the list at `address`, as its page counts them."""
    answer = client_of(user).get(address)
    assert answer.status_code == 200, address
    return int(answer.context["cl"].result_count)


def test_staff_read_numbers_and_charts_of_an_offer(offer: Offer) -> None:
    desk = dashboard_of(make_staff())
    (line,) = desk.lines
    assert line.offer == offer
    assert [figure.number for figure in line.figures] == [6, 3, 0, 0, 1, 1, 1]
    funnel, arrivals, progress, reasons = desk.charts
    assert [row.value for row in funnel.rows] == [7, 6, 4, 1, 0, 0]
    assert [(row.label, row.figure) for row in progress.rows if row.label != ""] == [
        (str(member), figure)
        for member, figure in zip(
            User.objects.filter(committees__offer=offer).order_by("email"),
            ("1 sur 2", "0 sur 2"),
            strict=True,
        )
    ]
    assert "1\u00a0note est en retard" in progress.sentence
    assert [(row.label, row.value) for row in reasons.rows] == [("Âge", 1)]
    assert [row.value for row in arrivals.rows] == [6]


@pytest.mark.parametrize("who", ["staff", pytest.param("administrator", marks=pytest.mark.full)])
def test_each_number_links_to_a_list_of_as_many_files(offer: Offer, who: str) -> None:
    del offer
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk")[0].pk).update(state="DEAD", done_at=None)
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk")[1].pk).update(
        state="PENDING", done_at=None, due_at=timezone.now() - timedelta(hours=1)
    )
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk")[2].pk).update(
        state="PENDING",
        done_at=None,
        due_at=timezone.now() + timedelta(hours=1),
        outages=OUTAGE_ALERT_ATTEMPT,
    )
    returned = Delivery.objects.order_by("pk")[3]
    Message.objects.create(
        delivery=returned, message_id="<1@x>", created_at=timezone.now(), returned_at=timezone.now()
    )
    user = make_staff() if who == "staff" else make_administrator()
    shown = client_of(user).get(reverse(INDEX)).content.decode()
    figures_shown = [(unescape(url), int(number)) for url, number in _FIGURE.findall(shown) if url[0] == "/"]
    assert len(figures_shown) > 12
    for address, number in dict.fromkeys(figures_shown):  # some figures link to the same list
        assert listed(user, address) == number, address
    for words in (
        "1\u00a0envoi en échec",
        "1\u00a0envoi en retard",
        "1\u00a0envoi attend un serveur qui ne répond pas",
        "1\u00a0courriel retourné",
    ):
        assert words in shown


def test_the_work_of_a_reviewer_links_to_its_lists(offer: Offer) -> None:
    ann = User.objects.get(email="ann@exemple.invalid")
    begun = Submission.objects.filter(assignments__reviewer=ann).exclude(assessments__reviewer=ann).get()
    make_assessment(begun, ann, None)
    text = client_of(ann).get(reverse(INDEX)).content.decode()
    for words in (
        "en retard de 3\u00a0jours",
        "1\u00a0candidature notée sur 2",
        "Voir tout ce que j’ai à noter (1)",
        "1\u00a0brouillon à remettre",
        "1\u00a0candidature à noter",
    ):
        assert words in text
    assert "Offres ouvertes" not in text
    assert "Offres ouvertes" in client_of(make_staff()).get(reverse(INDEX)).content.decode()
    queue = reverse("admin:submissions_submission_changelist")
    day = (TODAY - timedelta(days=3)).isoformat()
    for query, number in (
        ("a-moi=a-noter", 1),
        ("a-moi=brouillons", 1),
        ("a-moi=notees", 1),
        (f"a-moi=a-noter&rendre={day}", 1),
    ):
        assert f"?{query}".replace("&", "&amp;") in text
        assert listed(ann, f"{queue}?{query}") == number
    assert listed(ann, f"{queue}?a-moi=confiees") == 2
    # A filter for staff would reveal colleagues' work: it is ignored for a reviewer.
    assert listed(ann, f"{queue}?lecture={ann.pk}-a-noter") == listed(ann, queue)
    del offer


def test_an_invalid_filter_keeps_no_file(offer: Offer) -> None:
    del offer
    staff = make_staff()
    queue = reverse("admin:submissions_submission_changelist")
    assert listed(staff, queue) == Submission.objects.filter(standing_filing__isnull=False).count() == 6
    for query in (
        "recues=hier",
        "recues=9999-12-31",
        "etape=loin",
        "critere=TAILLE",
        "lecture=x-notees",
        f"lecture={'9' * 30}-notees",
        "lecture=1-rien",
        "rendre=2027",
    ):
        assert listed(staff, f"{queue}?{query}") == 0, query


def test_hidden_files_are_in_no_number_of_the_dashboard(
    offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cached figures too: a user in conflict never gets those of an impartial user."""
    monkeypatch.setattr(figures, "LIVE_COUNT_MAX", 0)
    staff, other = make_staff(), make_staff()
    everyone = dashboard_of(other)
    hidden = Submission.objects.filter(offer=offer, state="SHORTLISTED").get()
    declare_conflict(submission=hidden, reviewer=staff, actor=staff)
    mine = dashboard_of(staff)
    assert not mine.figures.live
    assert [row.value for row in mine.charts[0].rows] == [6, 5, 3, 0, 0, 0]
    assert [row.value for row in everyone.charts[0].rows] == [7, 6, 4, 1, 0, 0]
    make_filed(offer)
    assert dashboard_of(other).charts[0].rows == everyone.charts[0].rows
    assert "Chiffres de" in client_of(other).get(reverse(INDEX)).content.decode()


def test_deliveries_about_hidden_files_are_in_no_number(offer: Offer) -> None:
    staff, hidden = make_staff(), make_filed(offer)
    declare_conflict(submission=hidden, reviewer=staff, actor=staff)
    assert hidden.standing_filing is not None
    about = Delivery.objects.filter(subject_id=str(hidden.standing_filing.receipt.pk))
    failed, late = about.order_by("pk")[:2]
    Delivery.objects.exclude(pk__in=[failed.pk, late.pk]).delete()
    Delivery.objects.filter(pk=failed.pk).update(state="DEAD")
    Delivery.objects.filter(pk=late.pk).update(state="PENDING", due_at=timezone.now() - timedelta(hours=1))
    assert not dashboard_of(staff).trouble
    other = make_staff()
    said = dashboard_of(other).trouble
    assert [words for words, _address in said] == ["1\u00a0envoi en échec", "1\u00a0envoi en retard"]
    for _words, address in said:
        assert (listed(other, address), listed(staff, address)) == (1, 0)


def test_in_an_undivided_offer_each_member_has_all_files_to_mark(offer: Offer) -> None:
    Assignment.objects.all().delete()
    ann = User.objects.get(email="ann@exemple.invalid")
    make_conflict(Submission.objects.filter(offer=offer, state="SUBMITTED", reserve="NONE").last(), ann)
    staff = make_staff()
    rows = dashboard_of(staff).charts[2].rows
    assert sorted(row.figure for row in rows) == ["0 sur 3", "1 sur 2"]
    queue = reverse("admin:submissions_submission_changelist")
    assert listed(staff, f"{queue}?offre={offer.number}&lecture={ann.pk}-a-noter") == 1


@pytest.mark.parametrize("who", ["staff", pytest.param("reviewer", marks=pytest.mark.full)])
def test_the_dashboard_runs_as_many_queries_for_three_offers_as_for_one(who: str) -> None:
    staff = make_staff()
    reader = staff if who == "staff" else make_reviewer()
    browser = client_of(reader)

    def queries() -> int:
        offer = make_open_offer()
        filed = [make_filed(offer), make_filed(offer)]
        make_filed_for_review(offer)
        member = make_reviewer(offer) if who == "staff" else reader
        if who == "reviewer":
            add_committee_member(offer=offer, reviewer=reader)
        give(filed, member, staff, due_on=TODAY)
        make_assessment(filed[0], member, 3)
        make_assessment(filed[1], member, None)
        browser.get(reverse(INDEX))
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse(INDEX)).status_code == 200
        return len(captured)

    one = queries()
    queries()
    assert queries() == one


def test_the_chosen_offer_is_displayed_even_if_many_close_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.review.dashboard.staff.MAX_OFFERS", 2)
    offers = [make_open_offer() for _each in range(4)]
    staff = make_staff()
    for offer in offers:
        bureau = staff_dashboard(user=staff, number=offer.number or "", at=timezone.now())
        assert bureau.chosen == offer
        assert len(bureau.lines) == 2
        assert bureau.is_cut
