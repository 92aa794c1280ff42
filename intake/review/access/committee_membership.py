"""Which seats on a committee hold: whoever applied to an offer neither marks the others nor reads their marks.

The seat is void, not gone, once its holder has a candidature to the offer, in whatever state: a draft may be filed,
after closing too if its person is given more time, and whoever withdrew may file again. Nobody is seated with one
either (`services.check_seat`).
"""

from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from intake.accounts.models import User
from intake.review.models import CommitteeMember
from intake.submissions.models import Submission


def offers_applied_to(user: User | AnonymousUser) -> QuerySet[Submission, int]:
    """Return, for a subquery, the offers to which `user` applied or began to."""
    return Submission.objects.filter(candidate=user.pk).order_by().values_list("offer", flat=True)


def applied_to(*, user: User, offer_id: int) -> bool:
    """Say whether `user` is a candidate of the offer, were it by a draft, or before they withdrew."""
    return Submission.objects.filter(offer=offer_id, candidate=user).exists()


def memberships_of(user: User | AnonymousUser) -> QuerySet[CommitteeMember]:
    """Return the seats of `user` that hold."""
    return CommitteeMember.objects.filter(reviewer=user.pk).exclude(offer__in=offers_applied_to(user))


def memberships_on(offer_id: int) -> QuerySet[CommitteeMember]:
    """Return the seats on the committee of the offer that hold."""
    return CommitteeMember.objects.filter(~VOID_MEMBERSHIP, offer=offer_id)


VOID_MEMBERSHIP: Final = Exists(
    Submission.objects.filter(offer=OuterRef("offer"), candidate=OuterRef("reviewer"))
)
"""Of a seat: its holder applied to the offer."""
BY_AN_APPLICANT: Final = Exists(
    Submission.objects.filter(candidate=OuterRef("reviewer"), offer__submissions=OuterRef("submission"))
)
"""Of an assessment: its reviewer applied to the file's offer too. Of most, one look in an index says no."""
