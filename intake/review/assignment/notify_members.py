"""Notify committee members of their new assignments: one mail for assignments made close together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count

from intake.accounts.models import User
from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery, Message
from intake.outbox.services import post_many
from intake.review.access.visibility import visible_submissions
from intake.review.delivery_kinds import ASSIGNED_MAIL
from intake.review.marks.queries import awaiting_mark_of
from intake.review.models import Assignment
from intake.review.pages.queue_navigation import queue_url
from intake.web.mails import portal_url
from offers.models import Offer

DELAY: Final = timedelta(minutes=5)
"""Delay before the mail, so that it includes further assignments: staff assign files in several steps."""
_MIN_TIME_LEFT: Final = timedelta(minutes=1)
"""A mail due sooner may be composed before the current assignments are committed."""


@dataclass(frozen=True, slots=True)
class _DueFiles:
    """Number of files of one offer that are due on one day."""

    offer: Offer
    due_on: date | None
    files: int


def notify_members(*, members: Iterable[int], at: datetime) -> None:
    """Post a mail to each of `members` (keys), due `DELAY` after `at`, unless one is already pending.

    :raises intake.outbox.services.OutsideTransactionError: if the caller has no transaction.
    """
    people = User.objects.in_bulk(list(set(members)))
    waiting = set(
        Delivery.objects.filter(
            kind=ASSIGNED_MAIL,
            state=Delivery.State.PENDING,
            due_at__gt=at + _MIN_TIME_LEFT,
            subject_id__in=[str(pk) for pk in people],
        ).values_list("subject_id", flat=True)
    )
    due = at + DELAY
    new = {f"{pk}-{due.isoformat()}": person for pk, person in people.items() if str(pk) not in waiting}
    post_many(kind=ASSIGNED_MAIL, subjects=new, at=due)


def is_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if the mail is not composed yet and the member has no assignment left to notify."""
    composed = Message.objects.filter(delivery=delivery).exists()
    return not composed and not _due_files(User.objects.get(pk=delivery.subject_id))


def compose_assigned(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail, and mark the member's assignments as notified. Both commit together."""
    member = User.objects.get(pk=delivery.subject_id)
    shares = _due_files(member)
    new = Assignment.objects.filter(reviewer=member, told_at=None)
    numbers = list(dict.fromkeys(share.offer.number for share in shares))
    letter = render_letter(
        "assigned",
        {
            "member": member,
            "numbers": ", ".join(str(number) for number in numbers),
            "shares": shares,
            "files": sum(share.files for share in shares),
            "page": portal_url(queue_url("a-moi=a-noter")),
        },
        to=member.email,
    )
    new.update(told_at=at)
    return letter


def _due_files(member: User) -> list[_DueFiles]:
    """Return the member's unnotified assignments that still wait for their mark, by day, then by offer."""
    to_mark = visible_submissions(member).filter(awaiting_mark_of(member))
    new = Assignment.objects.filter(reviewer=member, told_at=None, submission__in=to_mark.order_by())
    counted = list(new.order_by().values_list("submission__offer", "due_on").annotate(files=Count("pk")))
    offers = Offer.objects.in_bulk([offer for offer, _day, _files in counted])
    found = [_DueFiles(offers[offer], day, files) for offer, day, files in counted]
    return sorted(found, key=lambda share: (share.due_on or date.max, share.offer.number or ""))
