"""What each person may see of the candidatures. Every page, search, download and action starts here."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from intake.accounts.models import User
from intake.review.models import Conflict
from intake.submissions.models import Submission
from intake.submissions.states import State
from offers.models import GridLine, Offer

from .committee_membership import memberships_of, memberships_on

COUNT_MAX = 1_000
"""From there on nobody asks how many exactly are to be done."""


def visible_submissions(user: User | AnonymousUser) -> QuerySet[Submission]:
    """Return the filed submissions that `user` may read: their committees' for a reviewer, all for staff.

    Nobody reads their own here: marks and notes about it are not theirs to see; nor one on which they have a conflict
    of interest. Drafts are nobody's. A seat on the committee of an offer that one applied to opens nothing.
    """
    # Of a closed account, `has_perm` says no to everything.
    if not (isinstance(user, User) and user.is_staff and user.has_perm("submissions.view_submission")):
        return Submission.objects.none()
    # Asked whether the file is among the person's conflicts, PostgreSQL reads those once, and keeps its order.
    in_conflict = Q(pk__in=current_conflicts(user).values("submission"))
    filed = Submission.objects.filter(~Q(state=State.DRAFT), ~Q(candidate=user), ~in_conflict)
    if user.has_perm("submissions.decide_submission"):
        return filed
    return filed.filter(offer__in=memberships_of(user).values("offer"))


def visible_offers(user: User | AnonymousUser, *, chosen: str = "") -> QuerySet[Offer]:
    """Return the offers of which `user` may read at least one submission, by number.

    The offer whose number is `chosen` is among them without a submission too, if `user` decides on all of them.
    """
    # Of each offer, the first submission is looked for in an index: asked whether one exists, PostgreSQL reads all.
    received = visible_submissions(user).filter(offer=OuterRef("pk")).order_by("received_at", "pk")
    one = received.values("pk")[:1]
    wanted = Q(one__isnull=False)
    if chosen and user.has_perm("submissions.decide_submission"):
        wanted |= Q(number=chosen)
    return Offer.objects.alias(one=Subquery(one)).filter(wanted).order_by("number", "pk")


def may_assess(*, user: User, offer_id: int) -> bool:
    """Say whether `user` may assess the submissions of the offer: by a seat that holds, with the permission."""
    return user.has_perm("review.assess_submission") and memberships_of(user).filter(offer=offer_id).exists()


def current_conflicts(user: User) -> QuerySet[Conflict]:
    """Return the conflicts of interest of `user` that nobody lifted."""
    return Conflict.objects.filter(reviewer=user, lifted_at=None)


def has_conflict(*, user: User, submission: Submission) -> bool:
    """Say whether `user` has a conflict of interest on the submission that nobody lifted."""
    return current_conflicts(user).filter(submission=submission).exists()


def has_conflict_on(*, user: User, offer: Offer) -> bool:
    """Say whether `user` has a conflict of interest on a candidature to the offer, whatever became of it."""
    return current_conflicts(user).filter(submission__offer=offer).exists()


def committee_of(submission: Submission) -> QuerySet[User]:
    """Return who sits on the committee of the submission's offer and may read it, by address."""
    conflicts = Conflict.objects.filter(submission=submission, lifted_at=None)
    members = User.objects.filter(pk__in=memberships_on(submission.offer_id).values("reviewer"))
    return members.exclude(pk__in=conflicts.values("reviewer")).order_by("email")


def grid_lines_of(offer: Offer) -> list[GridLine]:
    """Return the lines of the offer's grid, in their order, each with its weight."""
    return list(offer.grid_lines.select_related("weight").order_by("position"))


def deciders_of(*submissions: Submission) -> QuerySet[User]:
    """Return the staff who may decide and read each of `submissions`, of one person, by address."""
    bound = Conflict.objects.filter(submission__in=submissions, lifted_at=None)
    return (
        User.objects.filter(
            is_active=True,
            is_staff=True,
            groups__permissions__codename="decide_submission",
            groups__permissions__content_type__app_label="submissions",
        )
        .exclude(pk__in=bound.values("reviewer"))
        .exclude(pk__in=[row.candidate_id for row in submissions])
        .distinct()
        .order_by("email")
    )
