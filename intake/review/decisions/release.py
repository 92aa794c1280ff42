"""Approving a batch of decisions, and calling one off: what was read leaves, or nothing does."""

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
    check_state,
    job_key,
    lock_batch,
    receipt_numbers,
)
from .errors import (
    InstantPassedError,
    LettersChangedError,
    MessageMissingError,
    SecondPersonError,
    StaleBatchError,
)
from .letters import lacks_required_text, letter_digest, letters_digest
from .queries import PREPARE, RELEASE, items_of

MAX_RELEASE_DELAY: Final = timedelta(days=366)
"""How far ahead a release may be set."""


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
    """Approve what was read of a batch, for the aware instant `release_at` or, without one, for now, which is `at`.

    `version` is the batch's as the actor read it, and `letters` what its messages said (`announced.edition_of_letters`;
    `None` approves whatever they say). The decisions are then the actor's: they are made in their name.

    :raises PermissionDenied: if the actor may not release decisions.
    :raises OwnSubmissionError: if they applied to the offer, :raises InConflictError: as `prepare_batch` does.
    :raises BatchClosedError: if it is released, sent or called off.
    :raises SecondPersonError: if they prepared it.
    :raises BoundPreparerError: if whoever prepared it has a stake in the offer by now.
    :raises StaleBatchError: if it was changed since `version`.
    :raises InstantPassedError: if `release_at` is before `at`, or `LATEST` after it.
    :raises OfferCancelledError: if it leads to a stage, and the offer is cancelled.
    :raises MessageMissingError: if a message would not say what it must.
    :raises LettersChangedError: if the messages say something else than `letters`.
    """
    check_permission(actor, RELEASE, batch.offer)
    current = lock_batch(batch.pk)
    check_state(current, DecisionBatch.State.PREPARED)
    if current.prepared_by_id == actor.pk:
        raise SecondPersonError
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
    """Keep what each message says as it is approved: another one does not leave."""
    for item in items:
        item.letter = letter_digest(item)
    if letters is not None and letters != letters_digest({item.pk: item.letter for item in items}):
        raise LettersChangedError
    DecisionItem.objects.bulk_update(items, ["letter"])


@transaction.atomic
def revoke_batch(*, batch: DecisionBatch, actor: User, at: datetime) -> DecisionBatch:
    """Call off, at the aware instant `at`, whatever of a batch is not announced yet, and return it.

    Somebody who calls it off while it is being sent stops it between two decisions: those announced stay.

    :raises PermissionDenied: if the actor neither prepares nor releases decisions.
    :raises OwnSubmissionError: if they applied to the offer, :raises InConflictError: as `prepare_batch` does.
    :raises BatchClosedError: if it is sent or called off already.
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
