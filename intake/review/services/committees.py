"""Who judges the candidatures of an offer."""

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.errors import AlreadyOnCommitteeError, NotAReviewerError
from intake.review.models import CommitteeMember
from offers.models import Offer


@transaction.atomic
def add_committee_member(*, offer: Offer, reviewer: User, actor: User | None = None) -> CommitteeMember:
    """Seat `reviewer` on the committee of `offer`; `actor` is `None` when the portal acts by itself.

    :raises NotAReviewerError: if the person has not the reviewer's or the staff's role.
    :raises AlreadyOnCommitteeError: if they sit there already.
    """
    if not (reviewer.is_staff and reviewer.is_active and reviewer.has_perm("review.assess_submission")):
        raise NotAReviewerError
    member, created = CommitteeMember.objects.get_or_create(offer=offer, reviewer=reviewer)
    if not created:
        raise AlreadyOnCommitteeError
    record(actor=actor, action="COMMITTEE_MEMBER_ADDED", subject=offer, detail=str(reviewer.public_id))
    return member


@transaction.atomic
def remove_committee_member(*, member: CommitteeMember, actor: User) -> None:
    """Take `member` off the committee; what they assessed stays, and still counts."""
    offer, reviewer = member.offer, member.reviewer
    removed, _rows = CommitteeMember.objects.filter(pk=member.pk).delete()
    if removed:
        record(actor=actor, action="COMMITTEE_MEMBER_REMOVED", subject=offer, detail=str(reviewer.public_id))
