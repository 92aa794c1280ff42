"""Progress of committee members: files marked, to mark, and overdue."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from intake.accounts.models import User
from intake.review.access.committee_membership import CURRENT_CONFLICT, is_divided
from intake.review.access.visibility import visible_submissions
from intake.review.marks.queries import waiting_for_marks
from intake.review.models import Assessment, Assignment, Conflict
from intake.submissions.models import Submission
from intake.web.paging import bounded_count
from offers.models import Offer

from .queries import assigned_to_none_of, files_to_mark, members_of


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
    submitted = Assessment.objects.filter(
        ~CURRENT_CONFLICT,
        submission__in=readable,
        submitted_at__isnull=False,
        filing=F("submission__standing_filing"),
    )
    in_hand = Count("pk", filter=waiting_for_marks("submission__"))
    marks = _counts(submitted, marked=Count("pk"), in_hand=in_hand)
    left = (
        _remaining_assigned(readable, on)
        if divided
        else _remaining_undivided(offer, actor, members, marks, most)
    )
    rows = tuple(
        Progress(
            member=member,
            marked=marks[member.pk]["marked"],
            left=left[member.pk]["left"],
            late=left[member.pk]["late"],
            more=left[member.pk]["more"] > 0,
        )
        for member in members
    )
    present = [member.pk for member in members]
    unassigned = readable.filter(waiting_for_marks(), assigned_to_none_of(present)).count() if divided else 0
    return CommitteeProgress(divided, rows, unassigned)


def _counts(rows: QuerySet[Any], **counts: Count) -> Mapping[int, Counter[str]]:
    """Return the counts of each reviewer, 0 for one without a row."""
    grouped = rows.order_by().values("reviewer").annotate(**counts)
    return defaultdict(Counter, {row.pop("reviewer"): Counter(row) for row in grouped})


def _remaining_assigned(readable: QuerySet[Submission], on: date) -> Mapping[int, Counter[str]]:
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
    marks: Mapping[int, Counter[str]],
    most: int | None,
) -> Mapping[int, Counter[str]]:
    """Count all open files less those that each member marked. Above `most`, `more` is the number of further files."""
    files = files_to_mark(offer=offer, actor=actor)
    barred = _counts(Conflict.objects.filter(submission__in=files, lifted_at=None), barred=Count("pk"))
    gone = {member.pk: marks[member.pk]["in_hand"] + barred[member.pk]["barred"] for member in members}
    # Count far enough that the member with the most files done can still exceed `most`.
    total = files.count() if most is None else bounded_count(files, most + max(gone.values(), default=0))
    left = {member: total - done for member, done in gone.items()}
    if most is None:
        return {member: Counter(left=number) for member, number in left.items()}
    return {
        member: Counter(left=min(number, most), more=max(number - most, 0)) for member, number in left.items()
    }
