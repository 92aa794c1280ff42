"""Committee members of an offer, conflicts of interest on its files, and its anonymous review.

A reviewer or staff declares a conflict; staff lift it, never the reviewer concerned.
"""

from datetime import datetime

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.committee_membership import applied_to
from intake.review.access.errors import (
    AlreadyOnCommitteeError,
    ApplicantError,
    LiftReasonMissingError,
    NotAReviewerError,
    NotOnCommitteeError,
    OwnConflictError,
    OwnMembershipError,
    StaleConflictsError,
)
from intake.review.access.impartiality import check_impartial
from intake.review.access.visibility import conflict_events, visible_submissions
from intake.review.claims.operations import drop_claim
from intake.review.models import BlindReading, CommitteeMember, Conflict
from intake.submissions.models import Submission
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
    if actor is not None:
        if actor.pk == reviewer.pk:
            raise OwnMembershipError
        check_impartial(actor=actor, offer=offer)
    if applied_to(user=reviewer, offer_id=offer.pk):
        raise ApplicantError


@transaction.atomic
def remove_committee_member(*, member: CommitteeMember, actor: User) -> None:
    """Remove `member` from the committee. Their assessments stay and still count; their assignments stay.

    `assignment.operations.revoke_member` divides their files in the same transaction.

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


@transaction.atomic
def declare_conflict(
    *, submission: Submission, reviewer: User, actor: User, reason: str = "", seen: int | None = None
) -> Conflict:
    """Hide `submission` from `reviewer`; return the conflict, the current one if there is one.

    The reviewer's assessment stops counting and their claim on the file ends. `actor` is the reviewer, or a decider who
    knows of the link; `seen` is the result of `conflict_events` when the actor read the page.

    :raises NotOnCommitteeError: if the actor or the reviewer may not read the submission.
    :raises StaleConflictsError: if a conflict was declared or lifted since `seen`.
    :raises PermissionDenied: if the reviewer is another user and the actor is not a decider.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`, if the reviewer is another user.
    """
    # Assessing takes the same lock: no mark is saved after this commit.
    current = Submission.objects.select_for_update(of=("self",)).get(pk=submission.pk)
    existing = Conflict.objects.filter(submission=current, reviewer=reviewer, lifted_at=None).first()
    if existing is not None and actor == reviewer:
        return existing
    if not visible_submissions(actor).filter(pk=current.pk).exists():
        raise NotOnCommitteeError
    if actor != reviewer:
        if not actor.has_perm("submissions.decide_submission"):
            raise PermissionDenied
        check_impartial(actor=actor, offer=current.offer)
    if existing is not None:
        return existing
    if seen is not None and seen != conflict_events(user=actor, submission=current):
        raise StaleConflictsError
    if not visible_submissions(reviewer).filter(pk=current.pk).exists():
        raise NotOnCommitteeError
    conflict = Conflict.objects.create(
        submission=current, reviewer=reviewer, reason=reason.strip(), declared_by=actor
    )
    drop_claim(submission=current, holder=reviewer)
    # The journal is kept longer than the file: do not record the reason.
    record(actor=actor, action="CONFLICT_DECLARED", subject=current, detail=str(reviewer.public_id))
    return conflict


@transaction.atomic
def lift_conflict(*, conflict: Conflict, actor: User, reason: str, at: datetime) -> Conflict:
    """Lift `conflict` at the aware instant `at`: the reviewer reads the file again and their assessment counts again.

    Idempotent: a lifted conflict is returned unchanged.

    :raises PermissionDenied: if the actor may not lift conflicts.
    :raises OwnConflictError: if the conflict is the actor's own.
    :raises NotOnCommitteeError: if the actor may not read the submission.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises LiftReasonMissingError: if `reason` is blank.
    """
    if not actor.has_perm("review.lift_conflict"):
        raise PermissionDenied
    locked = Conflict.objects.select_for_update(of=("self",))
    current = locked.select_related("reviewer", "submission__offer").get(pk=conflict.pk)
    if current.reviewer == actor:
        raise OwnConflictError
    if not visible_submissions(actor).filter(pk=current.submission_id).exists():
        raise NotOnCommitteeError
    check_impartial(actor=actor, offer=current.submission.offer)
    if not reason.strip():
        raise LiftReasonMissingError
    if current.lifted_at is not None:
        return current
    current.lifted_by, current.lifted_at, current.lift_reason = actor, at, reason.strip()
    current.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
    record(
        actor=actor,
        action="CONFLICT_LIFTED",
        subject=current.submission,
        detail=str(current.reviewer.public_id),
    )
    return current
