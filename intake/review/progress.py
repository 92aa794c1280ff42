"""How far each member of a committee is with what is asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from intake.accounts.models import User
from intake.submissions.models import Submission
from intake.submissions.states import Reserve
from offers.models import Offer

from .asked import OWN_FILE, STANDING_CONFLICT, is_divided
from .division import files_to_mark, members_of
from .models import Assessment, Assignment, Conflict
from .selectors import IN_HAND, visible_submissions


@dataclass(frozen=True, slots=True)
class Progress:
    """One member: how many files they marked, how many wait for their mark, and how many of these are overdue."""

    member: User
    marked: int
    left: int
    late: int

    @property
    def asked(self) -> int:
        """Marked, or still to be."""
        return self.marked + self.left


@dataclass(frozen=True, slots=True)
class CommitteeProgress:
    """The committee of an offer, by address; `divided` says whether files were assigned at all."""

    divided: bool
    rows: tuple[Progress, ...]


def progress_of(*, offer: Offer, actor: User, on: date) -> CommitteeProgress:
    """Return how far the committee of `offer` is on the day `on`, over what `actor` may read.

    Says the same as `selectors.to_mark_by` and `marked_by`, of every member at once.
    """
    members = list(members_of(offer))
    divided = is_divided(offer.pk)
    readable = visible_submissions(actor).filter(offer=offer)
    marks = _counts(
        _counted(Assessment.objects.filter(submission__in=readable)),
        marked=Count("pk"),
        in_hand=Count("pk", filter=_open_to_marks("submission__")),
    )
    left = _left_of_assigned(readable, on) if divided else _left_of_all(offer, actor, members, marks)
    rows = []
    for member in members:
        row = left.get(member.pk, {})
        rows.append(
            Progress(
                member=member,
                marked=marks.get(member.pk, {}).get("marked", 0),
                left=row.get("left", 0),
                late=row.get("late", 0),
            )
        )
    return CommitteeProgress(divided, tuple(rows))


def _open_to_marks(path: str = "") -> Q:
    return Q(**{f"{path}state__in": IN_HAND}) & ~Q(**{f"{path}reserve": Reserve.PENDING})


def _counted(assessments: QuerySet[Assessment]) -> QuerySet[Assessment]:
    return assessments.filter(
        ~STANDING_CONFLICT, submitted_at__isnull=False, filing=F("submission__standing_filing")
    ).exclude(OWN_FILE)


def _counts(rows: QuerySet[Any], **counts: Count) -> dict[int, dict[str, int]]:
    return {row.pop("reviewer"): row for row in rows.order_by().values("reviewer").annotate(**counts)}


def _left_of_assigned(readable: QuerySet[Submission], on: date) -> dict[int, dict[str, int]]:
    marked = Assessment.objects.filter(
        submission=OuterRef("submission"),
        reviewer=OuterRef("reviewer"),
        submitted_at__isnull=False,
        filing=OuterRef("submission__standing_filing"),
    )
    waiting = Assignment.objects.filter(
        _open_to_marks("submission__"), ~STANDING_CONFLICT, ~Exists(marked), submission__in=readable
    ).exclude(OWN_FILE)
    return _counts(waiting, left=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))


def _left_of_all(
    offer: Offer, actor: User, members: list[User], marks: Mapping[int, Mapping[str, int]]
) -> dict[int, dict[str, int]]:
    """Count what waits for each member where nothing was assigned: all that is in hand, less what they marked."""
    files = files_to_mark(offer=offer, actor=actor)
    total = files.count()
    conflicts = Conflict.objects.filter(submission__in=files, lifted_at=None).exclude(OWN_FILE)
    barred = _counts(conflicts, barred=Count("pk"))
    own = set(files.filter(candidate__in=members).order_by().values_list("candidate", flat=True))
    left = {}
    for member in members:
        done = marks.get(member.pk, {}).get("in_hand", 0)
        out = barred.get(member.pk, {}).get("barred", 0) + (member.pk in own)
        left[member.pk] = {"left": total - done - out}
    return left
