"""Approve and revoke decision batches. Only what the approver read is sent."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.services import post
from intake.review.delivery_kinds import DECISIONS
from intake.review.models import DecisionBatch, DecisionItem
from intake.submissions.states import Action

from .approval import (
    check_offer,
    check_permission,
    check_preparer,
    check_second_person,
    check_state,
    job_key,
    lock_batch,
    receipt_numbers,
)
from .errors import (
    InstantPassedError,
    LettersChangedError,
    MessageMissingError,
    StaleBatchError,
)
from .letters import lacks_required_text, letter_digest, letters_digest
from .queries import PREPARE, RELEASE, items_of

MAX_RELEASE_DELAY: Final = timedelta(days=366)
"""Maximum time between the approval and the release instant."""


@transaction.atomic
def release_batch(
    *,
    batch: DecisionBatch,
    actor: User,
    version: int,
    at: datetime,
    release_at: datetime | None = None,
    letters: str | None = None,
) -> DecisionBatch:
    """Approve a batch as it was read, for the aware instant `release_at` or, if None, for `at`, the current instant.

    `version` is the batch's as the actor read it. `letters` is the digest of its messages (`letters.letters_digest`);
    None approves any messages. The decisions are then made in the actor's name.

    :raises PermissionDenied: if the actor may not release decisions.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises BatchClosedError: if it is released, sent or revoked.
    :raises SecondPersonError: if they prepared it.
    :raises PreparerConflictError: if the preparer is not impartial about the offer now.
    :raises StaleBatchError: if it was changed since `version`.
    :raises InstantPassedError: if `release_at` is before `at`, or more than `MAX_RELEASE_DELAY` after it.
    :raises OfferCancelledError: if it leads to a stage, and the offer is cancelled.
    :raises MessageMissingError: if a message lacks a required text.
    :raises LettersChangedError: if the messages differ from `letters`.
    """
    check_permission(actor, RELEASE, batch.offer)
    current = lock_batch(batch.pk)
    check_state(current, DecisionBatch.State.PREPARED)
    check_second_person(current, actor)
    check_preparer(current)
    if current.version != version:
        raise StaleBatchError
    wanted = at if release_at is None else release_at
    if not at <= wanted <= at + MAX_RELEASE_DELAY:
        raise InstantPassedError(at=at)
    items = list(items_of(current))
    check_offer(current.offer, Action(items[0].action))
    lacking = [item for item in items if lacks_required_text(Action(item.action), current.word, item.message)]
    if lacking:
        raise MessageMissingError(numbers=receipt_numbers([item.submission for item in lacking]))
    _store_letter_digests(items, letters)
    current.state = DecisionBatch.State.RELEASED
    current.release_at, current.released_by, current.released_at = wanted, actor, at
    current.returned_at, current.returned_for = None, ""
    current.save(
        update_fields=["state", "release_at", "released_by", "released_at", "returned_at", "returned_for"]
    )
    post(kind=DECISIONS, key=job_key(current), subject=current, at=wanted)
    record(actor=actor, action="DECISIONS_RELEASED", subject=current, detail=f"items={len(items)}")
    return current


def _store_letter_digests(items: list[DecisionItem], letters: str | None) -> None:
    """Store the digest of each message as approved; a message that differs later is not sent."""
    for item in items:
        item.letter = letter_digest(item)
    if letters is not None and letters != letters_digest({item.pk: item.letter for item in items}):
        raise LettersChangedError
    DecisionItem.objects.bulk_update(items, ["letter"])


@transaction.atomic
def revoke_batch(*, batch: DecisionBatch, actor: User, at: datetime) -> DecisionBatch:
    """Revoke the decisions of a batch that are not announced yet, at the aware instant `at`. Return the batch.

    While the batch is being sent, this stops it between two decisions; announced decisions stay.

    :raises PermissionDenied: if the actor may neither prepare nor release decisions.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises BatchClosedError: if it is already sent or revoked.
    """
    check_permission(actor, RELEASE if actor.has_perm(RELEASE) else PREPARE, batch.offer)
    current = lock_batch(batch.pk)
    check_state(current, DecisionBatch.State.PREPARED, DecisionBatch.State.RELEASED)
    stopped = current.items.filter(state=DecisionItem.State.OPEN).update(
        state=DecisionItem.State.REVOKED, done_at=at
    )
    current.state, current.revoked_by, current.ended_at = DecisionBatch.State.REVOKED, actor, at
    current.save(update_fields=["state", "revoked_by", "ended_at"])
    record(actor=actor, action="DECISIONS_REVOKED", subject=current, detail=f"items={stopped}")
    return current
