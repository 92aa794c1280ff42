"""Add and remove the committee members of an offer; start and end its anonymous review."""

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.committee_membership import applied_to
from intake.review.access.errors import (
    AlreadyOnCommitteeError,
    ApplicantError,
    NotAReviewerError,
    OwnMembershipError,
)
from intake.review.access.impartiality import check_impartial
from intake.review.models import BlindReading, CommitteeMember
from offers.models import Offer


@transaction.atomic
def add_committee_member(*, offer: Offer, reviewer: User, actor: User | None = None) -> CommitteeMember:
    """Add `reviewer` to the committee of `offer`. `actor` is `None` if no user acts.

    :raises NotAReviewerError: if the reviewer has neither role REVIEWER nor role STAFF.
    :raises OwnMembershipError: if the actor would add themselves.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises ApplicantError: if the reviewer has a submission to the offer, drafts included.
    :raises AlreadyOnCommitteeError: if the reviewer is already a member.
    """
    check_membership(offer=offer, reviewer=reviewer, actor=actor)
    member, created = CommitteeMember.objects.get_or_create(offer=offer, reviewer=reviewer)
    if not created:
        raise AlreadyOnCommitteeError
    record(actor=actor, action="COMMITTEE_MEMBER_ADDED", subject=offer, detail=str(reviewer.public_id))
    return member


def check_membership(*, offer: Offer, reviewer: User, actor: User | None) -> None:
    """Raise unless `actor` may add `reviewer` to the committee of `offer`. Writes nothing.

    :raises ReviewError: as `add_committee_member`, except `AlreadyOnCommitteeError`.
    """
    # `has_perm` returns False for a closed account.
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
    """Remove `member` from the committee. Their assessments stay and still count.

    :raises OwnMembershipError: if the member is the actor.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    """
    if member.reviewer_id == actor.pk:
        raise OwnMembershipError
    check_impartial(actor=actor, offer=member.offer)
    offer, reviewer = member.offer, member.reviewer
    removed, _rows = CommitteeMember.objects.filter(pk=member.pk).delete()
    if removed:
        record(actor=actor, action="COMMITTEE_MEMBER_REMOVED", subject=offer, detail=str(reviewer.public_id))


@transaction.atomic
def start_anonymous_review(*, offer: Offer, actor: User) -> bool:
    """Start the anonymous review of `offer`; return False if one is already running.

    :raises PermissionDenied: if `actor` lacks the permission `set_blind_reading`.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    """
    locked = _lock_offer(offer, actor)
    if BlindReading.objects.filter(offer=locked, ended_at=None).exists():
        return False
    BlindReading.objects.create(offer=locked, begun_by=actor)
    record(actor=actor, action="BLIND_READING_BEGUN", subject=locked)
    return True


@transaction.atomic
def end_anonymous_review(*, offer: Offer, actor: User) -> bool:
    """End the anonymous review of `offer`; return False if none is running. Errors as `start_anonymous_review`."""
    locked = _lock_offer(offer, actor)
    ended = BlindReading.objects.filter(offer=locked, ended_at=None).update(
        ended_by=actor, ended_at=TransactionNow()
    )
    if ended:
        record(actor=actor, action="BLIND_READING_ENDED", subject=locked)
    return bool(ended)


def _lock_offer(offer: Offer, actor: User) -> Offer:
    if not actor.has_perm("review.set_blind_reading"):
        raise PermissionDenied
    check_impartial(actor=actor, offer=offer)
    # Serialises concurrent changes. NO KEY: a filing, whose row references the offer, does not wait.
    return Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.pk)
