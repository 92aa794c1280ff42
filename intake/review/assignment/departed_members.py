"""Files assigned to members who may no longer assess them: departed, without the role, account closed, or applicant.

Such an assignment counts for no member. A file whose assignments are all of this kind is unassigned.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from intake.accounts.models import User
from intake.review.access.committee_membership import CURRENT_CONFLICT, VOID_MEMBERSHIP, reviewers
from intake.review.access.impartiality import impartial_offers
from intake.review.access.visibility import visible_submissions
from intake.review.marks.queries import MARKABLE_STATES, countable_assessments
from intake.review.models import Assessment, Assignment, CommitteeMember
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from offers.models import Offer


@dataclass(frozen=True, slots=True)
class DepartedMember:
    """One member who left a committee, with the number of their files that still wait for a mark."""

    member: int
    name: str
    offer: str
    """Number of the offer."""
    files: int


def waiting_for_marks(path: str = "") -> Q:
    """Return the condition that a submission, reached by the lookup prefix `path`, waits for marks."""
    return Q(**{f"{path}state__in": MARKABLE_STATES}) & ~Q(**{f"{path}reserve": HumanReview.PENDING})


def departed_assignments() -> QuerySet[Assignment]:
    """Return the assignments of departed members, for files that wait for marks and that they did not mark."""
    about = Assessment.objects.filter(
        submission=OuterRef("submission"),
        reviewer=OuterRef("reviewer"),
        filing=OuterRef("submission__standing_filing"),
    )
    return Assignment.objects.filter(
        waiting_for_marks("submission__"), ~_by_current_member(), ~Exists(countable_assessments(about))
    )


def departed_of(user: User) -> tuple[DepartedMember, ...]:
    """Return the departed members of each committee with their open files, by offer number, then by email address.

    Only published offers about which `user` is impartial, and files that `user` may read. Three queries.
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
    """Return the condition that a submission waits for a mark of `departed`, who left its committee. One query."""
    sits_on = list(_current_memberships().filter(reviewer=departed).values_list("offer", flat=True))
    own = Assignment.objects.filter(reviewer=departed)
    marks = Assessment.objects.filter(
        submission=OuterRef("pk"), reviewer=departed, filing=OuterRef("standing_filing")
    )
    held = Q(pk__in=own.values("submission")) & ~Q(offer__in=sits_on)
    return waiting_for_marks() & held & ~Q(Exists(countable_assessments(marks)))


def unassigned() -> Q:
    """Return the condition that a submission waits for marks and is assigned to no current member.

    In an offer without assignments every member reads every file. Two queries, of offers and memberships: in a single
    statement, PostgreSQL searches all members for each file.
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
    """Return the condition that a submission is assigned to none of `members` (keys) who may read it."""
    reads = Assignment.objects.filter(~CURRENT_CONFLICT, submission=OuterRef("pk"), reviewer__in=members)
    return ~Q(Exists(reads))


def max_readers_of_departed(offer: Offer) -> int:
    """Return the largest number of assignments, current or not, of a file that is assigned to a departed member."""
    held = departed_assignments().filter(submission__offer=offer).values("submission")
    counts = Submission.objects.filter(pk__in=held).annotate(readers=Count("assignments"))
    return counts.order_by("-readers").values_list("readers", flat=True).first() or 0


def _by_current_member() -> Exists:
    """Return the condition that an assignment is of a member with a valid membership who may assess."""
    return Exists(
        _current_memberships().filter(offer=OuterRef("submission__offer"), reviewer=OuterRef("reviewer"))
    )


def _current_memberships() -> QuerySet[CommitteeMember]:
    """Return the valid memberships of members who may assess."""
    return CommitteeMember.objects.filter(~VOID_MEMBERSHIP, reviewer__in=reviewers().order_by().values("pk"))
