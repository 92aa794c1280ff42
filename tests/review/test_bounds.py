"""Bounds of the operations of `review`, on both sides, and the order in which they notify, place and list."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from intake.accounts.models import User
from intake.review.access.visibility import deciders_of
from intake.review.assignment.notify_members import _due_files
from intake.review.assignment.operations import assign_files
from intake.review.committees.operations import lift_conflict
from intake.review.decisions import operations as decisions_operations
from intake.review.decisions.errors import InstantPassedError
from intake.review.decisions.reserve_list import move_place
from intake.review.models import Assignment, ReservePlace
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.decisions import decide, make_batch, release
from tests.factories.people import make_administrator, make_staff
from tests.factories.review import make_conflict, make_filed, make_reviewer
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


# -- The reserve list --------------------------------------------------------------------------------------------


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
