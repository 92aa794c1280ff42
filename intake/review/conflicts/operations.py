"""Declare a conflict of interest (the reviewer or staff) and lift it (staff, never the reviewer concerned)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import (
    LiftReasonMissingError,
    NotOnCommitteeError,
    OwnConflictError,
    StaleConflictsError,
)
from intake.review.access.impartiality import check_impartial
from intake.review.access.visibility import conflict_events, visible_submissions
from intake.review.claims.operations import drop_claim
from intake.review.models import Conflict
from intake.submissions.models import Submission


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
    :raises OwnSubmissionError: if the reviewer is another user and the actor applied to the offer.
    :raises InConflictError: if the reviewer is another user and the actor has a conflict on a submission to the offer.
    """
    # Assessing takes the same lock: no mark is saved after this commit.
    current = Submission.objects.select_for_update(of=("self",)).get(pk=submission.pk)
    standing = Conflict.objects.filter(submission=current, reviewer=reviewer, lifted_at=None).first()
    if standing is not None and actor == reviewer:
        return standing
    if not visible_submissions(actor).filter(pk=current.pk).exists():
        raise NotOnCommitteeError
    if actor != reviewer:
        if not actor.has_perm("submissions.decide_submission"):
            raise PermissionDenied
        check_impartial(actor=actor, offer=current.offer)
    if standing is not None:
        return standing
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
    current = (
        Conflict.objects.select_for_update(of=("self",))
        .select_related("reviewer", "submission__offer")
        .get(pk=conflict.pk)
    )
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
