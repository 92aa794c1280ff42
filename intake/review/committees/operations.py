"""Who judges the candidatures of an offer."""

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.committee_membership import applied_to
from intake.review.access.impartiality import check_impartial
from intake.review.models import CommitteeMember
from offers.models import Offer

from .errors import AlreadyOnCommitteeError, ApplicantError, NotAReviewerError, OwnMembershipError


@transaction.atomic
def add_committee_member(*, offer: Offer, reviewer: User, actor: User | None = None) -> CommitteeMember:
    """Seat `reviewer` on the committee of `offer`; `actor` is `None` when the portal acts by itself.

    :raises NotAReviewerError: if the person has not the reviewer's or the staff's role.
    :raises OwnSeatError: if the actor would seat themselves.
    :raises OwnSubmissionError: if the actor applied to the offer.
    :raises InConflictError: if the actor has a conflict of interest on a candidature to it.
    :raises ApplicantError: if the person applied to the offer, or began to.
    :raises AlreadyOnCommitteeError: if they sit there already.
    """
    check_membership(offer=offer, reviewer=reviewer, actor=actor)
    member, created = CommitteeMember.objects.get_or_create(offer=offer, reviewer=reviewer)
    if not created:
        raise AlreadyOnCommitteeError
    record(actor=actor, action="COMMITTEE_MEMBER_ADDED", subject=offer, detail=str(reviewer.public_id))
    return member


def check_membership(*, offer: Offer, reviewer: User, actor: User | None) -> None:
    """Refuse that `actor` seats `reviewer` on the committee of `offer`, as `add_committee_member` does; change nothing.

    :raises ReviewError: as `add_committee_member` does, but for who sits there already.
    """
    # Of a closed account, `has_perm` says no to everything.
    if not (reviewer.is_staff and reviewer.has_perm("review.assess_submission")):
        raise NotAReviewerError
    if actor is not None and actor.pk == reviewer.pk:
        raise OwnMembershipError
    if actor is not None:
        check_impartial(actor=actor, offer=offer)
    if applied_to(user=reviewer, offer_id=offer.pk):
        raise ApplicantError


@transaction.atomic
def remove_committee_member(*, member: CommitteeMember, actor: User) -> None:
    """Take `member` off the committee; what they assessed stays, and still counts.

    :raises OwnSeatError: if it is the actor: another person does it.
    :raises OwnSubmissionError: if they applied to the offer, :raises InConflictError: if they are in conflict on it.
    """
    if member.reviewer_id == actor.pk:
        raise OwnMembershipError
    check_impartial(actor=actor, offer=member.offer)
    offer, reviewer = member.offer, member.reviewer
    removed, _rows = CommitteeMember.objects.filter(pk=member.pk).delete()
    if removed:
        record(actor=actor, action="COMMITTEE_MEMBER_REMOVED", subject=offer, detail=str(reviewer.public_id))
