"""Valid committee memberships. A member who applied to the offer neither marks files nor reads marks.

A membership is void, but kept, while the member has a submission to the offer in any state: a draft may be filed, also
after closing with a personal extension, and a candidate who withdrew may file again.
`committees.operations.check_membership` rejects a new member who has a submission to the offer.
"""

from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from intake.accounts.models import User
from intake.review.models import CommitteeMember
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


def reviewers() -> QuerySet[User]:
    """Return the active users whose role lets them assess, by email address."""
    return (
        User.objects.filter(is_active=True, is_staff=True)
        .filter(
            Q(is_superuser=True)
            | Q(
                groups__permissions__codename="assess_submission",
                groups__permissions__content_type__app_label="review",
            )
        )
        .distinct()
        .order_by("email")
    )


VOID_MEMBERSHIP: Final = Exists(
    Submission.objects.filter(offer=OuterRef("offer"), candidate=OuterRef("reviewer"))
)
"""Condition on a membership: its reviewer applied to the offer."""
BY_AN_APPLICANT: Final = Exists(
    Submission.objects.filter(candidate=OuterRef("reviewer"), offer__submissions=OuterRef("submission"))
)
"""Condition on an assessment: its reviewer applied to the file's offer. Usually one index lookup returns False."""
