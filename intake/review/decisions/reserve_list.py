"""Order of a reserve list. A decision adds a place; a trigger deletes it when the submission leaves RESERVE."""

from typing import Final

from django.db import transaction
from django.db.models import Max

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.models import ReservePlace
from intake.submissions.models import Submission
from offers.models import Offer

from .approval import check_permission
from .errors import StaleReserveListError
from .queries import PREPARE, may_read_reserve_order

REORDERED: Final = "RESERVE_REORDERED"
"""Journal action of the entries that contain ranks of a reserve list."""


def append_place(*, submission: Submission) -> ReservePlace:
    """Append `submission` to its offer's reserve list, in the caller's transaction that moved it to RESERVE."""
    _lock_list(submission.offer_id)
    last = ReservePlace.objects.filter(offer=submission.offer_id).aggregate(last=Max("place"))["last"] or 0
    return ReservePlace.objects.create(offer=submission.offer, submission=submission, place=last + 1)


@transaction.atomic
def move_place(*, place: ReservePlace, up: bool, seen: int, actor: User) -> None:
    """Swap `place` with the place before it (`up`) or after it; nothing changes at the ends of the list.

    `seen` is the place's number as the actor read it.

    :raises PermissionDenied, ReviewError: as `check_permission`.
    :raises MarksNotSubmittedError: if they are on the committee and have yet to mark a file on the list.
    :raises StaleReserveListError: if the list changed since it was read.
    """
    check_permission(actor, PREPARE, place.offer)
    if not may_read_reserve_order(user=actor, offer=place.offer):
        raise MarksNotSubmittedError
    _lock_list(place.offer_id)
    current = ReservePlace.objects.filter(pk=place.pk, place=seen).first()
    if current is None:
        raise StaleReserveListError
    others = ReservePlace.objects.filter(offer=place.offer_id)
    if up:
        other = others.filter(place__lt=seen).order_by("-place").first()
    else:
        other = others.filter(place__gt=seen).order_by("place").first()
    if other is None:
        return
    # Both rows have the same number between the two statements: the unique constraint is checked at commit.
    current.place, other.place = other.place, current.place
    for row in (current, other):
        row.save(update_fields=["place"])
    record(actor=actor, action=REORDERED, subject=current.submission, detail=f"{seen} {current.place}")


def _lock_list(offer: int) -> None:
    """Lock the offer's row, so that changes of its list run one at a time. NO KEY: foreign key checks do not wait."""
    Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer)
