"""Valid committee memberships, conflicts of interest, and the files that a member must assess.

A member who applied to the offer neither marks files nor reads marks. The membership is void, but kept, while they have
a submission in any state: a draft may be filed, also after closing with a personal extension, and a candidate who
withdrew may file again.
`committees.operations.check_membership` rejects a new member who has a submission to the offer.
"""

from datetime import date
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from intake.accounts.models import User
from intake.review.models import Assignment, CommitteeMember, Conflict
from intake.submissions.models import Submission


def offers_applied_to(user: User | AnonymousUser) -> QuerySet[Submission, int]:
    """Return, for a subquery, the offers to which `user` has a submission, drafts included."""
    return Submission.objects.filter(candidate=user.pk).order_by().values_list("offer", flat=True)


def applied_to(*, user: User, offer_id: int) -> bool:
    """True if `user` has a submission to the offer, including a draft or a withdrawn one."""
    return Submission.objects.filter(offer=offer_id, candidate=user).exists()


def memberships_of(user: User | AnonymousUser) -> QuerySet[CommitteeMember]:
    """Return the valid memberships of `user`."""
    return CommitteeMember.objects.filter(reviewer=user.pk).exclude(offer__in=offers_applied_to(user))


def memberships_on(offer_id: int) -> QuerySet[CommitteeMember]:
    """Return the valid memberships on the committee of the offer."""
    return CommitteeMember.objects.filter(~VOID_MEMBERSHIP, offer=offer_id)


def granted(app_label: str, codename: str) -> Q:
    """Return the condition that a role of a user grants a permission."""
    return Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app_label)


def reviewers() -> QuerySet[User]:
    """Return the active users whose role lets them assess, by email address."""
    may_assess = Q(is_superuser=True) | granted("review", "assess_submission")
    return User.objects.filter(may_assess, is_active=True, is_staff=True).distinct().order_by("email")


def assigned_to(user: User) -> Q:
    """Return the condition that `user` must read a submission: assigned to them, or of an offer without assignments.

    Does not test whether the submission is still to be marked. One query, on the user's memberships.
    """
    divided = Exists(Assignment.objects.filter(submission__offer=OuterRef("offer")))
    seats = memberships_of(user).values_list("offer", divided)
    parted = [offer for offer, is_divided in seats if is_divided]
    whole = [offer for offer, is_divided in seats if not is_divided]
    own = Assignment.objects.filter(reviewer=user).values("submission")
    return Q(offer__in=whole) | Q(offer__in=parted, pk__in=own)


def is_divided(offer_id: int) -> bool:
    """True if the offer has an assignment."""
    return Assignment.objects.filter(submission__offer=offer_id).exists()


def excluded_from(user: User) -> Q:
    """Return the condition that `user` may not assess a submission: applied to its offer, or in current conflict."""
    return Q(offer__in=offers_applied_to(user)) | in_conflict_with(user)


def current_conflicts(user: User) -> QuerySet[Conflict]:
    """Return the conflicts of interest of `user` that are not lifted."""
    return Conflict.objects.filter(reviewer=user, lifted_at=None)


def in_conflict_with(user: User) -> Q:
    """Return the condition that `user` has a current conflict of interest on a submission."""
    return Q(pk__in=current_conflicts(user).values("submission"))


def due_before(user: User, day: date) -> Q:
    """Return the condition that `user` has an assignment of the submission due before `day`."""
    return Q(pk__in=Assignment.objects.filter(reviewer=user, due_on__lt=day).values("submission"))


def due_on(user: User, day: date) -> Q:
    """Return the condition that `user` has an assignment of the submission due on `day`."""
    return Q(pk__in=Assignment.objects.filter(reviewer=user, due_on=day).values("submission"))


VOID_MEMBERSHIP: Final = Exists(
    Submission.objects.filter(offer=OuterRef("offer"), candidate=OuterRef("reviewer"))
)
"""Condition on a membership: its reviewer applied to the offer."""
BY_AN_APPLICANT: Final = Exists(
    Submission.objects.filter(candidate=OuterRef("reviewer"), offer__submissions=OuterRef("submission"))
)
"""Condition on an assessment: its reviewer applied to the file's offer. Usually one index lookup returns False."""
BY_A_PARTY: Final = Exists(
    Conflict.objects.filter(
        submission__filings=OuterRef("filing"), reviewer=OuterRef("author"), lifted_at=None
    )
) | Exists(
    Submission.objects.filter(candidate=OuterRef("author"), offer__submissions__filings=OuterRef("filing"))
)
"""Condition on evidence: its author is in current conflict with the file, or applied to its offer."""
CURRENT_CONFLICT: Final = Exists(
    Conflict.objects.filter(submission=OuterRef("submission"), reviewer=OuterRef("reviewer"), lifted_at=None)
)
"""Condition on an assignment or an assessment: its reviewer may no longer read the file."""
