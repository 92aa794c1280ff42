"""Files assigned to members who may assess them no more: unseated, without the role, closed account, or a candidate.

Such an assignment asks nobody: the file is read by the others it was assigned to or, where there is none, by no one.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from intake.accounts.models import User
from intake.review.access.assigned_files import CURRENT_CONFLICT
from intake.review.access.committee_membership import VOID_MEMBERSHIP
from intake.review.access.impartiality import impartial_offers
from intake.review.access.queries import visible_submissions
from intake.review.committees.queries import reviewers
from intake.review.marks.queries import MARKABLE_STATES, countable_assessments
from intake.review.models import Assessment, Assignment, CommitteeMember
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from offers.models import Offer


@dataclass(frozen=True, slots=True)
class DepartedMember:
    """One member who left the committee of an offer, and how many files that wait for their mark they still hold."""

    member: int
    name: str
    offer: str
    """Its number."""
    files: int


def waiting_for_marks(path: str = "") -> Q:
    """Return the condition that a submission, reached by `path`, waits for marks."""
    return Q(**{f"{path}state__in": MARKABLE_STATES}) & ~Q(**{f"{path}reserve": HumanReview.PENDING})


def departed_assignments() -> QuerySet[Assignment]:
    """Return what departed members were asked to read, of the files that wait for marks, and did not mark."""
    about = Assessment.objects.filter(
        submission=OuterRef("submission"),
        reviewer=OuterRef("reviewer"),
        filing=OuterRef("submission__standing_filing"),
    )
    return Assignment.objects.filter(
        waiting_for_marks("submission__"), ~_by_current_member(), ~Exists(countable_assessments(about))
    )


def departed_of(user: User) -> tuple[DepartedMember, ...]:
    """Return who left which committee and what they hold of it, by offer then by address; the most recent offers last.

    Of published offers in which `user` has no stake, and of the files that they may read. Three queries.
    """
    rows = (
        departed_assignments()
        .filter(
            submission__in=visible_submissions(user),
            submission__offer__in=impartial_offers(Offer.objects.filter(status=Offer.Status.PUBLISHED), user),
        )
        .order_by("submission__offer__number", "reviewer__email")
        .values_list("submission__offer__number", "reviewer")
        .annotate(files=Count("pk"))
    )
    found = list(rows)
    people = User.objects.in_bulk([member for _offer, member, _files in found])
    return tuple(
        DepartedMember(member=member, name=str(people[member]), offer=offer or "", files=files)
        for offer, member, files in found
    )


def left_by_departed(departed: User) -> Q:
    """Return the condition that a submission is held by `departed`, who left the committee of its offer. One query."""
    sits_on = list(_current_memberships().filter(reviewer=departed).values_list("offer", flat=True))
    own = Assignment.objects.filter(reviewer=departed)
    marks = Assessment.objects.filter(
        submission=OuterRef("pk"), reviewer=departed, filing=OuterRef("standing_filing")
    )
    held = Q(pk__in=own.values("submission")) & ~Q(offer__in=sits_on)
    return waiting_for_marks() & held & ~Q(Exists(countable_assessments(marks)))


def unassigned() -> Q:
    """Return the condition that a submission waits for marks and no present member is asked to read it.

    Where nothing was assigned, every member reads every file. Two queries, of offers and seats: with them in one
    statement, PostgreSQL looks for the readers of each file among all of them.
    """
    divided = Exists(Assignment.objects.filter(submission__offer=OuterRef("pk")))
    offers = list(Offer.objects.filter(divided).order_by("pk").values_list("pk", flat=True))
    members: dict[int, list[int]] = {offer: [] for offer in offers}
    for offer, member in _current_memberships().filter(offer__in=offers).values_list("offer", "reviewer"):
        members[offer].append(member)
    of_nobody = Q(pk__in=[])
    for offer, present in members.items():
        of_nobody |= Q(offer=offer) & assigned_to_none_of(present)
    return waiting_for_marks() & of_nobody


def assigned_to_none_of(members: Collection[int]) -> Q:
    """Return the condition that none of `members`, by their numbers, is asked to read a submission that they may."""
    reads = Assignment.objects.filter(~CURRENT_CONFLICT, submission=OuterRef("pk"), reviewer__in=members)
    return ~Q(Exists(reads))


def max_readers_of_departed(offer: Offer) -> int:
    """Return how many members, present or not, at most were asked to read one of the files that the departed hold."""
    held = departed_assignments().filter(submission__offer=offer).values("submission")
    counts = Submission.objects.filter(pk__in=held).annotate(readers=Count("assignments"))
    return counts.order_by("-readers").values_list("readers", flat=True).first() or 0


def _by_current_member() -> Exists:
    """Return the condition that an assignment is of a member by a seat that holds, who may assess."""
    return Exists(
        _current_memberships().filter(offer=OuterRef("submission__offer"), reviewer=OuterRef("reviewer"))
    )


def _current_memberships() -> QuerySet[CommitteeMember]:
    """Return the seats that hold, of members who may assess."""
    return CommitteeMember.objects.filter(~VOID_MEMBERSHIP, reviewer__in=reviewers().order_by().values("pk"))
