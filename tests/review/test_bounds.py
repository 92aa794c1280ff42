"""Bounds of the operations of `review`, on both sides, and the order in which they notify, place and list."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.access.committee_membership import reviewers
from intake.review.access.visibility import deciders_of
from intake.review.assignment.notify_members import _due_files, notify_members
from intake.review.assignment.operations import assign_files
from intake.review.committees.operations import lift_conflict
from intake.review.decisions import operations as decisions_operations
from intake.review.decisions.errors import InstantPassedError, StaleReserveListError, TooManyChosenError
from intake.review.decisions.queries import reserve_list
from intake.review.decisions.reserve_list import move_place
from intake.review.delivery_kinds import ASSIGNED_MAIL
from intake.review.evidence import operations as evidence_operations
from intake.review.evidence.errors import PageOutOfBoundsError, UnknownDocumentError
from intake.review.evidence.operations import Basis
from intake.review.models import Assignment, ReservePlace
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.decisions import decide, make_batch, release
from tests.factories.people import make_administrator, make_staff
from tests.factories.review import make_conflict, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def offer(rows: list[Submission]) -> Offer:
    return rows[0].offer


def test_a_release_is_for_now_or_for_an_instant_within_a_year(rows: list[Submission]) -> None:
    now, staff = timezone.now(), make_staff()
    asked: dict[str, Any] = {
        "batch": make_batch(rows[0]),
        "actor": staff,
        "version": 0,
        "at": now,
    }
    for wrong in (now - MOMENT, now + decisions_operations.MAX_RELEASE_DELAY + MOMENT):
        with pytest.raises(InstantPassedError) as refused:
            decisions_operations.release_batch(**asked, release_at=wrong)
        assert refused.value.at == now
    assert timedelta(days=366) == decisions_operations.MAX_RELEASE_DELAY
    found = []
    for row, right in zip(rows[1:], (now + decisions_operations.MAX_RELEASE_DELAY, now, None), strict=True):
        batch = make_batch(row)
        done = decisions_operations.release_batch(**asked | {"batch": batch}, release_at=right)
        found.append((done.release_at, done.released_at))
    assert found == [(now + decisions_operations.MAX_RELEASE_DELAY, now), (now, now), (now, now)]


def test_a_batch_has_at_most_two_hundred_files(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert decisions_operations.BATCH_MAX == 200
    monkeypatch.setattr(decisions_operations, "BATCH_MAX", 2)
    rows = rows[:3]
    with pytest.raises(TooManyChosenError) as refused:
        make_batch(*rows)
    assert refused.value.most == 2
    assert make_batch(*rows[:2]).items.count() == 2


def test_a_page_must_belong_to_a_document_of_the_filing(rows: list[Submission]) -> None:
    filed, other = rows[:2]
    assert filed.standing_filing is not None
    assert other.standing_filing is not None
    document = filed.standing_filing.documents.select_related("upload").order_by("pk")[0]
    document.upload.pages = 3
    document.upload.save(update_fields=["pages"])
    for page in (1, 3):
        evidence_operations._check(Basis(document.pk, page), filed.standing_filing)
    for wrong in (None, 0, 4):
        with pytest.raises(PageOutOfBoundsError) as refused:
            evidence_operations._check(Basis(document.pk, wrong), filed.standing_filing)
        assert refused.value.pages == 3
    with pytest.raises(UnknownDocumentError):
        evidence_operations._check(Basis(document.pk, 1), other.standing_filing)


# -- Order of notifications --------------------------------------------------------------------------------------
def closed(user: User) -> User:
    User.objects.filter(pk=user.pk).update(is_active=False)
    return user


def without_a_desk(user: User) -> User:
    with as_owner():
        User.objects.filter(pk=user.pk).update(is_staff=False)
    return user


def test_deciders_on_a_file_are_listed_by_address_without_conflicts(offer: Offer) -> None:
    before = set(deciders_of())
    files = [
        make_filed(offer),
        make_filed(make_open_offer(), candidate=make_staff(email="z@exemple.invalid")),
    ]
    last, first = make_staff(email="y@exemple.invalid"), make_staff(email="a@exemple.invalid")
    closed(make_staff())
    without_a_desk(make_staff())
    make_reviewer(offer)
    make_administrator()
    bound, freed = make_staff(), make_staff(email="m@exemple.invalid")
    make_conflict(files[0], bound)
    conflict = make_conflict(files[1], freed)
    assert {*deciders_of(*files)} - before == {last, first}
    lift_conflict(conflict=conflict, actor=last, reason="Homonyme.", at=timezone.now())
    assert [user for user in deciders_of(*files) if user not in before] == [first, freed, last]
    assert {*deciders_of(files[0])} - before == {first, freed, last, files[1].candidate}


def test_possible_committee_members_are_listed_by_address() -> None:
    before = set(reviewers())
    last, first = make_staff(Role.REVIEWER, "y@exemple.invalid"), make_staff(email="a@exemple.invalid")
    middle = make_administrator("m@exemple.invalid")
    closed(make_staff(Role.REVIEWER))
    without_a_desk(make_staff(Role.REVIEWER))
    closed(make_administrator())
    assert [user for user in reviewers() if user not in before] == [first, middle, last]


def test_assigned_files_are_notified_by_due_day_then_offer() -> None:
    offers = [make_open_offer() for _each in range(2)]
    member = make_reviewer(*offers)
    early, late = date(2031, 4, 7), date(2031, 4, 8)
    for offer, due_on, files in (
        (offers[1], None, 1),
        (offers[1], late, 1),
        (offers[0], late, 2),
        (offers[1], early, 3),
    ):
        rows = [make_filed(offer) for _each in range(files)]
        give(offer, member, *rows, due_on=due_on)
    told = [(share.offer, share.due_on, share.files) for share in _due_files(member)]
    assert told == [(offers[1], early, 3), (offers[0], late, 2), (offers[1], late, 1), (offers[1], None, 1)]


def give(offer: Offer, member: User, *files: Submission, due_on: date | None) -> None:
    assign_files(
        offer=offer,
        pairs=[(file.pk, member.pk) for file in files],
        way=Assignment.Way.HAND,
        due_on=due_on,
        actor=make_staff(),
        at=timezone.now(),
    )


def test_a_waiting_mail_within_the_margin_covers_later_assignments() -> None:
    one, other = make_staff(), make_staff()
    now = timezone.now()

    def waiting() -> list[tuple[str, Any]]:
        rows = Delivery.objects.filter(kind=ASSIGNED_MAIL).order_by("due_at", "pk")
        return [(row.subject_id, row.due_at - now) for row in rows]

    minute = timedelta(minutes=1)
    notify_members(members=[one.pk, one.pk], at=now)
    notify_members(members=[one.pk, other.pk], at=now + 4 * minute - MOMENT)
    expected = [(str(one.pk), 5 * minute), (str(other.pk), 9 * minute - MOMENT)]
    assert waiting() == expected
    notify_members(members=[one.pk], at=now + 4 * minute)
    assert waiting() == [*expected, (str(one.pk), 9 * minute)]


# -- The reserve list --------------------------------------------------------------------------------------------
def test_a_place_is_exchanged_with_its_neighbour_within_the_list(
    offer: Offer, rows: list[Submission]
) -> None:
    files = rows[:3]
    decide(*files, action=Action.PUT_ON_RESERVE)
    elsewhere = make_shortlisted(make_open_offer())
    decide(elsewhere, action=Action.PUT_ON_RESERVE)
    staff = make_staff()

    def order() -> list[int]:
        return [files.index(row.submission) for row in reserve_list(offer)]

    def move(file: int, seen: int, *, up: bool) -> list[int]:
        place = ReservePlace.objects.get(submission=files[file])
        move_place(place=place, up=up, seen=seen, actor=staff)
        return order()

    assert order() == [0, 1, 2]
    assert move(0, 1, up=True) == move(2, 3, up=False) == [0, 1, 2]
    assert not Entry.objects.filter(action="RESERVE_REORDERED").exists()
    assert move(2, 3, up=True) == [0, 2, 1]
    assert move(0, 1, up=False) == [2, 0, 1]
    details = Entry.objects.filter(action="RESERVE_REORDERED").order_by("pk").values_list("detail", flat=True)
    assert list(details) == ["3 2", "1 2"]
    with pytest.raises(StaleReserveListError):
        move(0, 1, up=False)
    assert [files.index(row.submission) for row in reserve_list(offer, by_number=True)] == [0, 1, 2]
    assert ReservePlace.objects.get(submission=elsewhere).place == 1


@pytest.mark.parametrize("lacks", ["review.prepare_decisions", "submissions.decide_submission"])
def test_ordering_a_reserve_list_requires_both_permissions(
    offer: Offer, rows: list[Submission], monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    decide(rows[0], action=Action.PUT_ON_RESERVE)
    staff = make_staff()
    has = staff.has_perm
    monkeypatch.setattr(staff, "has_perm", lambda permission: permission != lacks and has(permission))
    place = ReservePlace.objects.get(offer=offer)
    with pytest.raises(PermissionDenied):
        move_place(place=place, up=True, seen=1, actor=staff)
    with pytest.raises(PermissionDenied):
        make_batch(rows[1], preparer=staff)
    approved = "review.release_decisions" if lacks.startswith("review") else lacks
    monkeypatch.setattr(staff, "has_perm", lambda permission: permission != approved and has(permission))
    with pytest.raises(PermissionDenied):
        release(make_batch(rows[2]), by=staff)
