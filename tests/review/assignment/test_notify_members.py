"""Members get one mail with their assigned files and the due day; staff change the day, and members are notified."""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.review.assignment.notify_members import DELAY
from intake.review.assignment.operations import assign_files, change_due_day
from intake.review.delivery_kinds import ASSIGNED_MAIL
from intake.review.models import Assignment
from intake.submissions.models import Submission
from intake.web import formats
from intake.web.templatetags.portal import raise_ordinals
from offers.models import Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_conflict, make_filed, make_reviewer
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of

pytestmark = pytest.mark.django_db

DAY = (timezone.now() + timedelta(days=9)).date()
LATER = DAY + timedelta(days=7)


class CaseData(NamedTuple):
    """An offer with three unassigned files, a member of its committee and a staff member."""

    offer: Offer
    files: list[Submission]
    reviewer: User
    staff: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer(organisation_short="UNESCO")
    return CaseData(offer, [make_filed(offer) for _each in range(3)], make_reviewer(offer), make_staff())


offer, files, staff, reviewer = copy_of("offer"), copy_of("files"), copy_of("staff"), copy_of("reviewer")


def give(staff: User, reviewer: User, *files: Submission, after: timedelta = timedelta()) -> None:
    assign_files(
        offer=files[0].offer,
        pairs=[(file.pk, reviewer.pk) for file in files],
        way=Assignment.Way.HAND,
        due_on=DAY,
        actor=staff,
        at=timezone.now() + after,
    )


def waiting() -> list[Delivery]:
    return list(Delivery.objects.filter(kind=ASSIGNED_MAIL, state="PENDING").order_by("pk"))


def send_all() -> list[Any]:
    """Perform the pending deliveries as if they were due. Return the mails."""
    mail.outbox.clear()
    for delivery in waiting():
        Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        deliver(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.state == "DONE", delivery.last_error
    return list(mail.outbox)


def test_several_assignments_are_notified_in_one_mail(
    offer: Offer, files: list[Submission], staff: User, reviewer: User
) -> None:
    give(staff, reviewer, *files[:2])
    give(staff, reviewer, files[2])
    (delivery,) = waiting()
    assert delivery.due_at - timezone.now() > DELAY - timedelta(minutes=1)
    (letter,) = send_all()
    assert letter.to == [reviewer.email]
    assert letter.subject == f"{offer.number} – 3\u00a0dossiers vous sont attribués"
    said = f"• offre {offer.number}, UNESCO\u00a0: 3\u00a0dossiers, échéance le {formats.day(DAY)}"
    assert said in " ".join(letter.body.split("\n  ")).replace("\n", " ")
    assert "?a-moi=a-noter" in letter.body
    html = letter.alternatives[0].content
    assert "<h1>3\u00a0dossiers vous sont attribués</h1>" in html
    assert raise_ordinals(formats.day(DAY)) in html
    assert not Assignment.objects.filter(told_at=None).exists()
    assert send_all() == []


def test_each_member_is_notified_only_of_their_new_files(
    offer: Offer, files: list[Submission], staff: User, reviewer: User
) -> None:
    other = make_reviewer(offer)
    give(staff, reviewer, files[0])
    give(staff, other, files[1])
    assert {letter.to[0] for letter in send_all()} == {reviewer.email, other.email}
    give(staff, reviewer, files[2])
    (letter,) = send_all()
    assert letter.subject == f"{offer.number} – un dossier vous est attribué"


def test_a_mail_counts_the_assignments_of_its_member_alone(
    offer: Offer, files: list[Submission], staff: User, reviewer: User
) -> None:
    for member in (make_reviewer(offer), reviewer):
        give(staff, member, files[0])
    assert [letter.subject for letter in send_all()] == [f"{offer.number} – un dossier vous est attribué"] * 2


def test_a_mail_due_soon_does_not_replace_a_new_one(
    files: list[Submission], staff: User, reviewer: User
) -> None:
    give(staff, reviewer, files[0])
    give(staff, reviewer, files[1], after=DELAY - timedelta(seconds=10))
    assert len(waiting()) == 2
    assert len(send_all()) == 1  # the second has nothing left to notify


def test_files_that_need_no_mark_are_not_notified(
    files: list[Submission], staff: User, reviewer: User
) -> None:
    conflicted, marked, _other = files
    give(staff, reviewer, conflicted, marked)
    assert len(waiting()) == 1
    make_conflict(conflicted, reviewer)
    make_assessment(marked, reviewer, 4)
    assert send_all() == []


def test_a_due_day_changes_for_unmarked_files_and_is_notified_once(
    offer: Offer, files: list[Submission], staff: User, reviewer: User
) -> None:
    other = make_reviewer(offer)
    open_file, marked, _other = files
    for member in (reviewer, other):
        give(staff, member, open_file, marked)
    make_assessment(marked, reviewer, 4)
    send_all()
    asked: dict[str, Any] = {"offer": offer, "due_on": LATER, "actor": staff, "at": timezone.now()}
    assert change_due_day(**asked, reviewer=reviewer.pk) == 1
    (letter,) = send_all()
    assert letter.to == [reviewer.email]
    assert formats.day(LATER) in letter.body
    assert change_due_day(**asked) == 2  # the other member's
    days = Assignment.objects.filter(submission=marked).values_list("reviewer", "due_on")
    assert dict(days) == {reviewer.pk: DAY, other.pk: LATER}
    assert change_due_day(**asked) == 0


def test_staff_change_the_due_days_and_the_member_reads_them(
    offer: Offer, files: list[Submission], staff: User, reviewer: User
) -> None:
    give(staff, reviewer, files[0])
    client, page = client_of(staff), reverse("review:assign_due", args=[offer.number])
    assert page in client.get(reverse("review:assignments", args=[offer.number])).content.decode()
    assert raise_ordinals(formats.day(DAY)) in client.get(page).content.decode()
    yesterday = (timezone.now() - timedelta(days=2)).date()
    for wrong in ("", yesterday.isoformat()):
        assert client.post(page, {"member": "", "due_on": wrong}).status_code == 422
    assert client.post(page, {"member": make_staff().pk, "due_on": LATER.isoformat()}).status_code == 422
    done = client.post(page, {"member": reviewer.pk, "due_on": LATER.isoformat()}, follow=True)
    assert "1 évaluation a une nouvelle échéance" in done.content.decode()
    again = client.post(page, {"member": reviewer.pk, "due_on": LATER.isoformat()}, follow=True)
    assert "Il n’y avait rien à changer." in again.content.decode()
    assert formats.day(LATER) in client_of(reviewer).get(reverse("admin:index")).content.decode()
