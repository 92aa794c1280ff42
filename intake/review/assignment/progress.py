"""Progress of committee members: files marked, to mark, and overdue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from intake.accounts.models import User
from intake.review.access.committee_membership import CURRENT_CONFLICT, is_divided
from intake.review.access.visibility import visible_submissions
from intake.review.models import Assessment, Assignment, Conflict
from intake.submissions.models import Submission
from intake.web.paging import bounded_count
from offers.models import Offer

from .departed_members import assigned_to_none_of, waiting_for_marks
from .queries import files_to_mark, members_of


@dataclass(frozen=True, slots=True)
class Progress:
    """One member: number of files marked, still to mark, and, among these, overdue."""

    member: User
    marked: int
    left: int
    late: int
    more: bool = False
    """True if counting stopped and there are more than `left`."""

    @property
    def asked(self) -> int:
        """Files marked or still to mark."""
        return self.marked + self.left


@dataclass(frozen=True, slots=True)
class CommitteeProgress:
    """Progress of an offer's committee, by email address. `divided` is True if the offer has an assignment."""

    divided: bool
    rows: tuple[Progress, ...]
    unassigned: int = 0
    """If `divided`, files that wait for marks and are assigned to no current member."""


def progress_of(*, offer: Offer, actor: User, on: date, most: int | None = None) -> CommitteeProgress:
    """Return the progress of the committee of `offer` on the day `on`, over the files that `actor` may read.

    Same result as `awaiting_mark_of` and `marked_by`, for all members at once. In an offer without assignments, every
    file that waits for marks waits for every member: at most `most` of them are counted, if given.
    """
    members = list(members_of(offer))
    divided = is_divided(offer.pk)
    readable = visible_submissions(actor).filter(offer=offer)
    marks = _counts(
        _counted(Assessment.objects.filter(submission__in=readable)),
        marked=Count("pk"),
        in_hand=Count("pk", filter=waiting_for_marks("submission__")),
    )
    left = (
        _remaining_assigned(readable, on)
        if divided
        else _remaining_undivided(offer, actor, members, marks, most)
    )
    rows = []
    for member in members:
        row = left.get(member.pk, {})
        rows.append(
            Progress(
                member=member,
                marked=marks.get(member.pk, {}).get("marked", 0),
                left=row.get("left", 0),
                late=row.get("late", 0),
                more=row.get("more", 0) > 0,
            )
        )
    unassigned = _unassigned_count(readable, members) if divided else 0
    return CommitteeProgress(divided, tuple(rows), unassigned)


def _unassigned_count(readable: QuerySet[Submission], members: list[User]) -> int:
    present = [member.pk for member in members]
    return readable.filter(waiting_for_marks(), assigned_to_none_of(present)).count()


def _counted(assessments: QuerySet[Assessment]) -> QuerySet[Assessment]:
    return assessments.filter(
        ~CURRENT_CONFLICT, submitted_at__isnull=False, filing=F("submission__standing_filing")
    )


def _counts(rows: QuerySet[Any], **counts: Count) -> dict[int, dict[str, int]]:
    return {row.pop("reviewer"): row for row in rows.order_by().values("reviewer").annotate(**counts)}


def _remaining_assigned(readable: QuerySet[Submission], on: date) -> dict[int, dict[str, int]]:
    marked = Assessment.objects.filter(
        submission=OuterRef("submission"),
        reviewer=OuterRef("reviewer"),
        submitted_at__isnull=False,
        filing=OuterRef("submission__standing_filing"),
    )
    waiting = Assignment.objects.filter(
        waiting_for_marks("submission__"), ~CURRENT_CONFLICT, ~Exists(marked), submission__in=readable
    )
    return _counts(waiting, left=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))


def _remaining_undivided(
    offer: Offer,
    actor: User,
    members: list[User],
    marks: Mapping[int, Mapping[str, int]],
    most: int | None,
) -> dict[int, dict[str, int]]:
    """Count the files that wait for each member without assignments: all open files less those that they marked.

    Above `most`, `more` is the number of further files counted.
    """
    files = files_to_mark(offer=offer, actor=actor)
    conflicts = Conflict.objects.filter(submission__in=files, lifted_at=None)
    barred = _counts(conflicts, barred=Count("pk"))
    gone = {
        member.pk: marks.get(member.pk, {}).get("in_hand", 0) + barred.get(member.pk, {}).get("barred", 0)
        for member in members
    }
    # Count far enough that the member with the most files done can still exceed `most`.
    total = files.count() if most is None else bounded_count(files, most + max(gone.values(), default=0))
    left = {member: total - done for member, done in gone.items()}
    if most is None:
        return {member: {"left": number} for member, number in left.items()}
    return {
        member: {"left": min(number, most), "more": max(number - most, 0)} for member, number in left.items()
    }
