"""The staff's dashboard, exactly: each figure, its list, and which offers are shown."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.outbox.models import Outage
from intake.review.assignment.operations import assign_files
from intake.review.assignment.queries import DepartedMember
from intake.review.committees.operations import declare_conflict
from intake.review.dashboard import figures, staff
from intake.review.dashboard.figures import Figures, MemberProgress, OfferTally, figures_of
from intake.review.dashboard.staff import Figure, staff_dashboard
from intake.review.models import Assignment
from intake.review.queue.stages import StateCount
from intake.submissions.states import Action, HumanReview, State
from intake.web import formats
from intake.web.formats import QUEBEC
from offers.models import Offer
from tests.factories.decisions import decide
from tests.factories.people import client_of, make_administrator, make_staff
from tests.factories.review import make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_draft, make_open_offer
from tests.other_days import zone_of_another_day

QUEUE = "/admin/submissions/submission/?offre=2031-050"
OPENS, CLOSES = (
    datetime(2031, 1, 10, 14, tzinfo=UTC),
    datetime(2031, 1, 14, 5, tzinfo=UTC),
)  # midnight at the end of the 13th in Québec


def published(status: Offer.Status = Offer.Status.PUBLISHED) -> Offer:
    return Offer(pk=7, number="2031-050", status=status, opens_at=OPENS, closes_at=CLOSES)


def with_plain_spaces(text: str) -> str:
    return text.replace("\u00a0", " ")


# -- One offer -------------------------------------------------------------------------------------------------
def test_the_line_of_an_offer_has_seven_numbers_and_marks_urgent_ones() -> None:
    tally = OfferTally(
        drafts=9,
        groups=(
            StateCount(State.SUBMITTED, HumanReview.NONE, 20),
            StateCount(State.SUBMITTED, HumanReview.PENDING, 3),
            StateCount(State.UNDER_REVIEW, HumanReview.PENDING, 4),
            StateCount(State.COMPLEMENT_REQUESTED, HumanReview.NONE, 5),
            StateCount(State.SHORTLISTED, HumanReview.NONE, 6),
            StateCount(State.DECLINED, HumanReview.NONE, 8),
        ),
        overdue=2,
    )
    line = staff._line(published(), tally, published(), OPENS, assigns=True)
    assert list(line.figures) == [
        Figure("Déposées", 46, f"{QUEUE}&etape=deposees"),
        Figure("À mettre à l’étude", 20, f"{QUEUE}&etat=SUBMITTED&reserve=sans-attente"),
        Figure("Incomplètes", 5, f"{QUEUE}&etat=COMPLEMENT_REQUESTED"),
        Figure("Délai passé", 2, f"{QUEUE}&complement=delai-passe", loud=True),
        Figure("En révision", 7, f"{QUEUE}&reserve=PENDING", loud=True),
        Figure("Présélectionnées", 6, f"{QUEUE}&etat=SHORTLISTED"),
        Figure("Décidées", 8, f"{QUEUE}&etape=decidees"),
    ]
    assert (line.choose_url, line.is_chosen) == ("?offre=2031-050#en-detail", True)
    assert line.division_url == "/admin/offres/2031-050/repartition/"


@pytest.mark.django_db
def test_shortlisted_files_have_one_number_on_the_dashboard_and_in_the_queue() -> None:
    offer = make_open_offer()
    for _rank in range(2):
        make_shortlisted(offer)
    decide(make_shortlisted(offer), action=Action.INVITE, word="Le 4 mai, à 10 h.")
    make_filed(offer)
    staff = client_of(make_administrator())
    page = with_plain_spaces(unescape(staff.get(reverse("admin:index")).content.decode()))
    queue = reverse("admin:submissions_submission_changelist")
    [to_do] = re.findall(r">(\d+) candidatures présélectionnées<", page)
    [column] = re.findall(r"Présélectionnées :</span> <a [^>]*>(\d+)<", page)
    choices = staff.get(queue, {"offre": str(offer.number), "_facets": "True"}).content.decode()
    [state] = re.findall(r">\s*Présélectionnée \((\d+)\)", choices)
    assert (to_do, column, state) == ("2", "2", "2")
    assert ">3<" in page.partition("Présélectionnées ou plus loin</th>")[2][:200]


@pytest.mark.parametrize(
    "at, words",
    [
        (CLOSES - timedelta(days=2), "il reste 2 jours"),
        (CLOSES - timedelta(microseconds=1), "il reste moins d’une minute"),
        (CLOSES, "fermée le 13 janvier 2031"),
    ],
)
def test_a_line_states_the_time_left_then_the_closing_day(at: datetime, words: str) -> None:
    assert with_plain_spaces(staff._deadline_text(published(), at)) == words


# -- Outbox warnings -------------------------------------------------------------------------------------------
AT = datetime(2031, 1, 20, 12, 30, 15, 999_999, tzinfo=UTC)


def trouble(monkeypatch: pytest.MonkeyPatch, dead: int, back: int, kept: int, late: int) -> list[Any]:
    """Return the warnings for these counts of deliveries, and check the arguments of the outbox's queries."""
    asked: list[dict[str, datetime]] = []

    def found(number: int) -> Callable[..., int]:
        def count(_user: object, **since: datetime) -> int:
            asked.append(since)
            return number

        return count

    names = ("count_failed", "count_bounces", "count_delayed_by_outage", "count_overdue")
    for name, number in zip(names, (dead, back, kept, late), strict=True):
        monkeypatch.setattr(staff, name, found(number))
    said = [
        (with_plain_spaces(words), urlsplit(url).path, dict(parse_qsl(urlsplit(url).query)))
        for words, url in staff._delivery_warnings(User(), AT)
    ]
    assert asked == [
        {},
        {"since": AT - timedelta(days=14)},
        {},
        {"at": AT},
    ]
    return said


@pytest.mark.django_db
def test_a_server_that_does_not_answer_is_named_with_its_time() -> None:
    Outage.objects.create(server="MAIL", started_at=AT, seen_at=AT, reason="x")
    Outage.objects.create(server="CACHE", started_at=AT, seen_at=AT, ended_at=AT, reason="x")
    ((words, url),) = staff._delivery_warnings(make_staff(), AT)
    assert words == f"Serveur de courriel\u00a0: en panne depuis {formats.instant(AT)}"
    assert url.endswith("?attente=serveur")


# -- Shown offers ----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_offer_is_listed_until_half_a_year_after_its_closing() -> None:
    user, offer = make_staff(), make_open_offer()
    instant, after = timedelta(microseconds=1), offer.closes_at + timedelta(days=180)
    shown = {
        at: [line.offer for line in staff_dashboard(user=user, number="", at=at).lines]
        for at in (offer.opens_at - instant, offer.opens_at, after - instant, after)
    }
    assert list(shown.values()) == [[], [offer], [offer], []]
    assert staff_dashboard(user=user, number="", at=after).charts == ()
    assert staff_dashboard(user=user, number=offer.number or "", at=after).chosen is None


@pytest.mark.django_db
def test_the_first_offer_to_close_is_detailed_unless_another_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(staff, "MAX_OFFERS", 3)
    today = timezone.localdate()
    later, soon, between = (make_open_offer(closes_on=today + timedelta(days=days)) for days in (40, 20, 30))
    user = make_staff()

    def bureau(number: str, who: User = user) -> staff.StaffDashboard:
        return staff_dashboard(user=who, number=number, at=timezone.now())

    first, other = bureau(""), bureau(later.number or "")
    assert [line.offer for line in first.lines] == [soon, between, later]
    assert [line.is_chosen for line in first.lines] == [True, False, False]
    assert (first.chosen, other.chosen, bureau("T-999").chosen) == (soon, later, soon)
    assert [line.is_chosen for line in other.lines] == [False, False, True]
    assert [line.offer for line in bureau(soon.number or "").lines] == [soon, between, later]
    assert [chart.key for chart in first.charts] == ["entonnoir", "arrivees", "avancement", "motifs"]
    assert first.is_cut is False, "as many as fit"
    monkeypatch.setattr(staff, "MAX_OFFERS", 2)
    assert [line.offer for line in bureau("").lines] == [soon, between]
    assert [line.offer for line in bureau(later.number or "").lines] == [soon, later]
    assert bureau("").is_cut is True
    left = DepartedMember(member=31, name="Ann", offer="2031-050", files=1)
    monkeypatch.setattr(figures, "departed_of", lambda _user: (left,))
    monkeypatch.setattr(staff, "_delivery_warnings", lambda _user, _at: (("1 envoi en échec", "/"),))
    assert (bureau("").departed, bureau("").trouble) == (
        (staff._departed_member_row(left),),
        (("1 envoi en échec", "/"),),
    )
    assert [line.division_url for line in bureau("").lines] == [
        f"/admin/offres/{offer.number}/repartition/" for offer in (soon, between)
    ]
    reviewer_alone = bureau("", make_staff(Role.REVIEWER))
    assert [line.division_url for line in reviewer_alone.lines] == ["", ""]
    assert (reviewer_alone.trouble, reviewer_alone.departed) == ((), ())


# -- Cached figures --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_cached_numbers_are_shared_by_users_with_the_same_hidden_files() -> None:
    offer = make_open_offer()
    filed = make_filed(offer)
    barred, own, others = make_staff(), make_staff(), [make_staff(), make_staff()]
    declare_conflict(submission=filed, reviewer=barred, actor=barred)
    make_draft(offer=make_open_offer(), candidate=own)
    keys = [figures._key(user, [1, 2], offer) for user in (*others, barred, own)]
    assert keys[0] == keys[1]
    more = make_filed(offer)
    for user, files in zip(others, ((filed, more), (more, filed)), strict=True):
        for submission in files:
            declare_conflict(submission=submission, reviewer=user, actor=user)
    assert figures._key(others[0], [1, 2], offer) == figures._key(others[1], [1, 2], offer) != keys[0]
    assert keys[0].startswith("dashboard-5-")
    unlike = {
        *keys,
        figures._key(others[0], [1], offer),
        figures._key(others[0], [1, 2], None),
        figures._key(others[0], [1, 2], Offer(pk=offer.pk + 1)),
    }
    assert len(unlike) == 6


@pytest.mark.django_db
def test_numbers_are_counted_live_up_to_a_limit_without_own_drafts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer, other = make_open_offer(), make_open_offer()
    make_filed(offer)
    make_draft(offer=offer)
    user = make_staff()
    make_draft(offer=offer, candidate=user)
    make_draft(offer=other)
    at = timezone.now()

    def found(*offers: Offer, chosen: Offer | None = None) -> Figures:
        return figures_of(user=user, offers=offers, chosen=chosen, at=at)

    monkeypatch.setattr(figures, "LIVE_COUNT_MAX", 1)
    counted = found(offer)
    assert (counted.live, counted.counted_at, counted.detail) == (True, at, None)
    assert counted.tallies == {offer.pk: OfferTally(1, (), 0)}, (
        "no file of an offer to which the user applied"
    )
    empty = make_open_offer()
    both = found(empty, offer, other, chosen=other)
    assert list(both.tallies) == [offer.pk, other.pk, empty.pk]
    assert both.tallies[empty.pk] == OfferTally(0, (), 0)
    assert both.tallies[other.pk] == OfferTally(1, (), 0)
    assert both.detail is not None
    assert (both.detail.arrivals, both.detail.shares, both.detail.unassigned) == ({}, (), 0)
    monkeypatch.setattr(figures, "LIVE_COUNT_MAX", 0)
    assert found(offer).live is False


@pytest.mark.django_db
def test_days_are_those_of_quebec_in_any_time_zone_of_the_reader() -> None:
    filed = make_filed(make_open_offer())
    staff_member, member = make_staff(), make_reviewer(filed.offer)
    assign_files(
        offer=filed.offer,
        pairs=[(filed.pk, member.pk)],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=staff_member,
        at=timezone.now(),
    )
    Assignment.objects.update(due_on=date(2031, 1, 9))
    assert filed.received_at is not None
    day = filed.received_at.astimezone(QUEBEC).date()
    found = {}
    # The 9th ends at 5:00 UTC. At any instant, one of the two zones has another date than Québec.
    for hour, clock in ((4, "Pacific/Kiritimati"), (5, "Pacific/Pago_Pago")):
        at = datetime(2031, 1, 10, hour, tzinfo=UTC)
        with timezone.override(clock):
            detail = figures_of(user=staff_member, offers=[filed.offer], chosen=filed.offer, at=at).detail
        assert detail is not None
        assert detail.divided
        assert detail.arrivals == {day: 1}
        found[hour] = detail.shares
    assert found == {
        hour: (MemberProgress(member.pk, str(member), 0, 1, late),) for hour, late in ((4, 0), (5, 1))
    }


@pytest.mark.django_db
def test_an_arrival_has_the_day_of_quebec_where_utc_has_another(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = zone_of_another_day()
    monkeypatch.setattr(figures, "QUEBEC", zone)
    filed = make_filed(make_open_offer())
    assert filed.received_at is not None
    with timezone.override(UTC):
        detail = figures_of(
            user=make_staff(), offers=[filed.offer], chosen=filed.offer, at=timezone.now()
        ).detail
    assert detail is not None
    assert detail.arrivals == {filed.received_at.astimezone(zone).date(): 1}


@pytest.mark.django_db
def test_an_empty_portal_displays_advice() -> None:
    cache.clear()
    client = client_of(make_staff())
    text = client.get(reverse("admin:index")).content.decode()
    assert "Aucune offre n’est ouverte" in text
    make_open_offer()
    text = client.get(reverse("admin:index")).content.decode()
    assert "Aucune révision n’est demandée." in text
    assert "Le comité de cette offre n’a encore aucun membre" in text
