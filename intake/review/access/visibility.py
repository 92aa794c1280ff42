"""Which submissions each user may see. Every page, search, download and action starts with these queries."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.lookups import Exact, IsNull

from intake.accounts.models import User
from intake.review.models import Conflict
from intake.submissions.models import Submission
from intake.submissions.states import State
from intake.web.paging import MAX_LISTED
from offers.models import GridLine, Offer

from .committee_membership import (
    current_conflicts,
    excluded_from,
    granted,
    memberships_of,
    memberships_on,
)

COUNT_MAX = MAX_LISTED
"""Rows. Counts of work to do stop above this number, as the lists do: what a page counts twice is the same."""


def visible_submissions(user: User | AnonymousUser) -> QuerySet[Submission]:
    """Return the filed submissions that `user` may read: of their committees for a reviewer, all for staff.

    Excludes all submissions to an offer to which they applied, their own and their rivals', and those on which they
    have a conflict of interest. Drafts are never included.
    """
    # `has_perm` returns False for a closed account.
    if not (isinstance(user, User) and user.is_staff and user.has_perm("submissions.view_submission")):
        return Submission.objects.none()
    # IN, not EXISTS: PostgreSQL reads the user's conflicts once and keeps its index order. As a value, because it takes
    # a bare IN to keep half of the rows, and then sorts all of them instead of reading the first in order.
    excluded = Case(When(excluded_from(user), then=1), default=0)
    filed = Submission.objects.filter(~Q(state=State.DRAFT), ~Q(Exact(excluded, 1)))
    if user.has_perm("submissions.decide_submission"):
        return filed
    return filed.filter(offer__in=memberships_of(user).values("offer"))


def candidates_of_visible_submissions(user: User) -> Q:
    """Return the condition of the accounts of candidates with a submission that `user` may read."""
    # The first submission of each account is found in an index; for EXISTS, PostgreSQL would read all submissions.
    first = visible_submissions(user).filter(candidate=OuterRef("pk")).values("pk")[:1]
    return Q(IsNull(Subquery(first), rhs=False))


def visible_offers(user: User | AnonymousUser, *, chosen: str = "") -> QuerySet[Offer]:
    """Return, by number, the offers with at least one submission that `user` may read.

    Includes the offer whose number is `chosen` even without a submission, if `user` is a decider.
    """
    # The first submission of each offer is found in an index; with EXISTS, PostgreSQL would read all submissions.
    received = visible_submissions(user).filter(offer=OuterRef("pk")).order_by("received_at", "pk")
    one = received.values("pk")[:1]
    wanted = Q(one__isnull=False)
    if chosen and user.has_perm("submissions.decide_submission"):
        wanted |= Q(number=chosen)
    return Offer.objects.alias(one=Subquery(one)).filter(wanted).order_by("number", "pk")


def may_assess(*, user: User, offer_id: int) -> bool:
    """True if `user` has the permission to assess and a valid membership on the offer's committee."""
    return user.has_perm("review.assess_submission") and memberships_of(user).filter(offer=offer_id).exists()


def has_conflict(*, user: User, submission: Submission) -> bool:
    """True if `user` has a current conflict of interest on the submission."""
    return current_conflicts(user).filter(submission=submission).exists()


def has_conflict_on(*, user: User, offer: Offer) -> bool:
    """True if `user` has a current conflict of interest on a submission to the offer, in any state."""
    return current_conflicts(user).filter(submission__offer=offer).exists()


def conflict_events(*, user: User, submission: Submission) -> int:
    """Count declarations and liftings on the submission: those of `user`, or of all users for a decider.

    The count only grows: a page that displayed another number is out of date.
    """
    known = Conflict.objects.filter(submission=submission)
    if not user.has_perm("submissions.decide_submission"):
        known = known.filter(reviewer=user)
    counted = known.aggregate(declared=Count("pk"), lifted=Count("lifted_at"))
    return int(counted["declared"] + counted["lifted"])


def committee_of(submission: Submission) -> QuerySet[User]:
    """Return the members of the committee of the submission's offer who may read it, by email address."""
    conflicts = Conflict.objects.filter(submission=submission, lifted_at=None)
    members = User.objects.filter(pk__in=memberships_on(submission.offer_id).values("reviewer"))
    return members.exclude(pk__in=conflicts.values("reviewer")).order_by("email")


def grid_lines_of(offer: Offer) -> list[GridLine]:
    """Return the lines of the offer's grid, in order, each with its weight."""
    return list(offer.grid_lines.select_related("weight").order_by("position"))


def deciders_of(*submissions: Submission) -> QuerySet[User]:
    """Return the staff who may decide on and read each of `submissions`, by email address.

    All of `submissions` are of one candidate.
    """
    deciders = User.objects.filter(granted("submissions", "decide_submission"), is_active=True, is_staff=True)
    bound = Conflict.objects.filter(submission__in=submissions, lifted_at=None).values("reviewer")
    candidates = [row.candidate_id for row in submissions]
    return deciders.exclude(pk__in=bound).exclude(pk__in=candidates).distinct().order_by("email")
