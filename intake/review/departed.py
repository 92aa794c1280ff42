"""Files assigned to members who may assess them no more: unseated, without the role, closed account, or a candidate.

Such an assignment asks nobody: the file is read by the others it was assigned to or, where there is none, by no one.
"""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from intake.accounts.models import User
from intake.submissions.models import Submission
from intake.submissions.states import Reserve
from offers.models import Offer

from .asked import STANDING_CONFLICT
from .impartial import without_stake
from .models import Assessment, Assignment, CommitteeMember
from .seats import VOID
from .selectors import IN_HAND, reviewers, submitted, visible_submissions


@dataclass(frozen=True, slots=True)
class Departed:
    """One member who left the committee of an offer, and how many files that wait for their mark they still hold."""

    member: int
    name: str
    offer: str
    """Its number."""
    files: int


def waiting_for_marks(path: str = "") -> Q:
    """Return the condition that a submission, reached by `path`, waits for marks."""
    return Q(**{f"{path}state__in": IN_HAND}) & ~Q(**{f"{path}reserve": Reserve.PENDING})


def departed_assignments() -> QuerySet[Assignment]:
    """Return what departed members were asked to read, of the files that wait for marks, and did not mark."""
    about = Assessment.objects.filter(
        submission=OuterRef("submission"),
        reviewer=OuterRef("reviewer"),
        filing=OuterRef("submission__standing_filing"),
    )
    return Assignment.objects.filter(
        waiting_for_marks("submission__"), ~_by_a_member(), ~Exists(submitted(about))
    )


def departed_of(user: User) -> tuple[Departed, ...]:
    """Return who left which committee and what they hold of it, by offer then by address; the most recent offers last.

    Of published offers in which `user` has no stake, and of the files that they may read. Three queries.
    """
    rows = (
        departed_assignments()
        .filter(
            submission__in=visible_submissions(user),
            submission__offer__in=without_stake(Offer.objects.filter(status=Offer.Status.PUBLISHED), user),
        )
        .order_by("submission__offer__number", "reviewer__email")
        .values_list("submission__offer__number", "reviewer")
        .annotate(files=Count("pk"))
    )
    found = list(rows)
    people = User.objects.in_bulk([member for _offer, member, _files in found])
    return tuple(
        Departed(member=member, name=str(people[member]), offer=offer or "", files=files)
        for offer, member, files in found
    )


def held_by(departed: User) -> Q:
    """Return the condition that a submission is held by `departed`, who left the committee of its offer."""
    return Q(pk__in=departed_assignments().filter(reviewer=departed).values("submission"))


def assigned_to_nobody() -> Q:
    """Return the condition that a submission waits for marks and no present member is asked to read it.

    Where nothing was assigned, every member reads every file.
    """
    divided = Assignment.objects.values("submission__offer")
    reads = Assignment.objects.filter(~STANDING_CONFLICT, _by_a_member(), submission=OuterRef("pk"))
    return waiting_for_marks() & Q(offer__in=divided) & ~Q(Exists(reads))


def usual_readers(offer: Offer) -> int:
    """Return how many members, present or not, at most were asked to read one of the files that the departed hold."""
    held = departed_assignments().filter(submission__offer=offer).values("submission")
    counts = Submission.objects.filter(pk__in=held).annotate(readers=Count("assignments"))
    return counts.order_by("-readers").values_list("readers", flat=True).first() or 0


def _by_a_member() -> Exists:
    """Return the condition that an assignment is of a member by a seat that holds, who may assess."""
    return Exists(
        CommitteeMember.objects.filter(
            ~VOID,
            offer=OuterRef("submission__offer"),
            reviewer=OuterRef("reviewer"),
            reviewer__in=reviewers().order_by().values("pk"),
        )
    )
