"""The order of a reserve list. A place is taken by a decision, and freed by the database when the wait ends."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.impartiality import check_impartial
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.models import ReservePlace
from intake.submissions.models import Submission
from offers.models import Offer

from .errors import StaleReserveListError
from .queries import PREPARE, may_read_reserve_order


def append_place(*, submission: Submission) -> ReservePlace:
    """Put `submission` at the end of its offer's reserve list; the caller moved it there in the same transaction."""
    _lock_list(submission.offer_id)
    last = ReservePlace.objects.filter(offer=submission.offer_id).aggregate(last=Max("place"))["last"] or 0
    return ReservePlace.objects.create(offer=submission.offer, submission=submission, place=last + 1)


@transaction.atomic
def move_place(*, place: ReservePlace, up: bool, seen: int, actor: User) -> None:
    """Let `place` and the one before it (`up`) or after it change places; the first goes no higher, the last no lower.

    `seen` is the place's number as the actor read it.

    :raises PermissionDenied: if the actor may not prepare decisions.
    :raises OwnSubmissionError: if they applied to the offer.
    :raises InConflictError: if they have a conflict of interest on a candidature to it.
    :raises OwnMarksFirstError: if they sit on the committee and have yet to mark somebody on the list.
    :raises StaleReserveListError: if the list changed meanwhile.
    """
    if not (actor.has_perm(PREPARE) and actor.has_perm("submissions.decide_submission")):
        raise PermissionDenied
    check_impartial(actor=actor, offer=place.offer)
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
    # Both have the same number for a moment: the database looks when the transaction ends.
    current.place, other.place = other.place, current.place
    for row in (current, other):
        row.save(update_fields=["place"])
    record(
        actor=actor, action="RESERVE_REORDERED", subject=current.submission, detail=f"{seen} {current.place}"
    )


def _lock_list(offer: int) -> None:
    """Let those who change one reserve list take turns; a candidature may be filed meanwhile."""
    Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer)


REORDERED: Final = "RESERVE_REORDERED"
"""The action of the entries that say ranks of a reserve list."""
