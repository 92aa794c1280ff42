"""Send a released batch: one decision after the other, each complete or not at all, and at most once.

Run by outbox workers, which may be killed at any line and run again: decisions that are still OPEN are made.
"""

from datetime import datetime
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.review.access.errors import InConflictError, OwnSubmissionError, ReviewError
from intake.review.access.visibility import visible_submissions
from intake.review.delivery_kinds import DECISIONS
from intake.review.evidence.queries import unconfirmed_among
from intake.review.evidence.register_recheck import positions_to_reconfirm
from intake.review.models import DecisionBatch, DecisionItem
from intake.submissions.delivery_kinds import DECISION_MAIL
from intake.submissions.lifecycle.errors import FindingUnconfirmedError, SubmissionError
from intake.submissions.lifecycle.operations import announce_move
from intake.submissions.models import Submission
from intake.submissions.states import Action

from .approval import approver_of, check_approval, job_key, lock_batch
from .errors import FiledErasedError, LettersChangedError, MessageMissingError, RegisterMatchError
from .letters import added_text, differs_from_approved, lacks_required_text
from .notify_other_offers import NOTICES, notify_deciders
from .queries import items_of
from .reserve_list import append_place

BATCH_SIZE: Final = 100
"""Decisions that one job makes. Another job makes the remaining ones, so that none exceeds a worker's time limit."""


def send_decisions(delivery: Delivery, at: datetime) -> None:
    """Make the decisions of the delivery's batch, `BATCH_SIZE` at most, and post a job for the remaining ones."""
    number = int(delivery.subject_id)
    if not _may_be_sent(number, delivery.key, at):
        return
    waiting = DecisionItem.objects.filter(batch=number, state=DecisionItem.State.OPEN).order_by("pk")
    items = list(waiting.values_list("pk", flat=True)[: BATCH_SIZE + 1])
    for item in items[:BATCH_SIZE]:
        announce_decision(item_id=item, at=at)
    with transaction.atomic():
        batch = lock_batch(number)
        if batch.state != DecisionBatch.State.RELEASED:
            return
        if len(items) > BATCH_SIZE:
            post(kind=DECISIONS, key=f"{job_key(batch)}-{items[BATCH_SIZE]}", subject=batch, at=at)
            return
        batch.state, batch.ended_at = DecisionBatch.State.SENT, at
        batch.save(update_fields=["state", "ended_at"])
        record(actor=None, action="DECISIONS_SENT", subject=batch)


@transaction.atomic
def _may_be_sent(number: int, key: str, at: datetime) -> bool:
    """True if the job with this key may send the batch. A batch whose approval is invalid now returns to PREPARED.

    The approval is checked once, before the first decision. After that, sending continues and checks each decision.
    """
    batch = lock_batch(number)
    if batch.state != DecisionBatch.State.RELEASED:
        return False
    if "." in key and key.split("-", maxsplit=1)[0] != job_key(batch):
        return False  # an earlier approval posted this job
    if batch.items.exclude(state=DecisionItem.State.OPEN).exists():
        return True
    try:
        check_approval(batch)
    except (PermissionDenied, ReviewError, SubmissionError) as refusal:
        batch.state, batch.returned_at = DecisionBatch.State.PREPARED, at
        batch.returned_for = getattr(refusal, "code", "MAY_NOT_RELEASE")
        batch.release_at = batch.released_by = batch.released_at = None
        batch.version += 1
        batch.save(
            update_fields=[
                "state",
                "returned_at",
                "returned_for",
                "release_at",
                "released_by",
                "released_at",
                "version",
            ]
        )
        record(actor=None, action="DECISIONS_RETURNED", subject=batch, detail=batch.returned_for)
        return False
    return True


@transaction.atomic
def announce_decision(*, item_id: int, at: datetime) -> None:
    """Make one decision of a released batch and post its mail, or store what refuses it, at the aware instant `at`.

    Nothing happens if the batch was revoked or the decision made since. The decision is made in the approver's name, if
    they may still decide on the submission.
    """
    item = DecisionItem.objects.select_related("submission").get(pk=item_id)
    batch = lock_batch(item.batch_id)
    item.refresh_from_db(fields=["state", "message"])
    if batch.state != DecisionBatch.State.RELEASED or item.state != DecisionItem.State.OPEN:
        return
    approver = approver_of(batch)
    try:
        with transaction.atomic():
            _announce(item, batch, approver, at)
    except (SubmissionError, ReviewError) as refusal:
        item.state, item.refusal = DecisionItem.State.REFUSED, refusal.code
        record(
            actor=approver,
            action="DECISION_REFUSED",
            subject=item.submission,
            # Without the refusal code, which the decision keeps: it may concern another submission of the candidate,
            # which some readers of this one may not know.
            detail=f"{item.action} batch={batch.pk}",
        )
    else:
        item.state = DecisionItem.State.DONE
    item.done_at = at
    item.save(update_fields=["state", "refusal", "done_at"])


def _announce(item: DecisionItem, batch: DecisionBatch, actor: User, at: datetime) -> None:
    action, submission = Action(item.action), item.submission
    if submission.candidate_id == actor.pk:
        raise OwnSubmissionError
    if not visible_submissions(actor).filter(pk=submission.pk).exists():
        raise InConflictError
    if lacks_required_text(action, batch.word, item.message):
        raise MessageMissingError(numbers=())
    moved = _move(item, batch, actor)
    filing = moved.standing_filing
    if filing is None or filing.seal.canonical is None:
        raise FiledErasedError
    post(kind=DECISION_MAIL, key=str(item.pk), subject=filing.receipt, at=at)
    current = items_of(item.batch).get(pk=item.pk)
    current.version = current.submission.version  # the move changed it: only the letter is compared
    if differs_from_approved(current):
        raise LettersChangedError
    filing = current.submission.standing_filing
    if action is Action.SELECT and filing and positions_to_reconfirm({filing: current.batch.offer.programme}):
        raise RegisterMatchError
    if action is Action.PUT_ON_RESERVE:
        append_place(submission=moved)
    if action in NOTICES:
        notify_deciders(item=item, decided=moved, actor=actor, at=at)


def _move(item: DecisionItem, batch: DecisionBatch, actor: User) -> Submission:
    """Make the move of `item`. Raise `RegisterMatchError` if a stored register match alone is why it is refused."""
    submission = item.submission
    try:
        return announce_move(
            submission=submission,
            action=Action(item.action),
            actor=actor,
            version=item.version,
            words=added_text(batch.word, item.message),
        )
    except FindingUnconfirmedError as refusal:
        if submission.standing_filing and not unconfirmed_among([submission.standing_filing]):
            raise RegisterMatchError from refusal
        raise
