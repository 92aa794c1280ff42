"""Prepare, change, approve and revoke decision batches. Only what a second person read and approved is sent."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from intake.accounts.models import User
from intake.base.database_errors import broken_constraint
from intake.journal.services import record
from intake.outbox.services import post
from intake.review.access.errors import NotOnCommitteeError
from intake.review.access.visibility import visible_submissions
from intake.review.delivery_kinds import DECISIONS
from intake.review.models import DecisionBatch, DecisionItem
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action, HumanReview, State
from offers.models import Offer

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
    ComplementPendingError,
    DecisionAlreadyPendingError,
    DeclineReasonMissingError,
    InstantPassedError,
    LettersChangedError,
    MessageMissingError,
    NotDecidableError,
    NothingChosenError,
    NotThePreparerError,
    SecondPersonError,
    StaleBatchError,
    StaleChoiceError,
    TooManyChosenError,
)
from .letters import lacks_required_text, letter_digest, letters_digest
from .queries import (
    PREPARE,
    RELEASE,
    awaiting_complement,
    awaiting_decision,
    in_decision_order,
    items_of,
    needs_reason,
)

BATCH_MAX: Final = 200
"""Maximum submissions of one batch: the approver reads a message for each."""
MAX_RELEASE_DELAY: Final = timedelta(days=366)
"""Maximum time between the approval and the release instant."""
_ONE_PENDING_DECISION: Final = "a_candidature_awaits_one_decision_at_most"


@transaction.atomic
def prepare_batch(
    *,
    offer: Offer,
    action: Action,
    title: str,
    word: str,
    chosen: Mapping[int, str],
    actor: User,
    reason: str = "",
    versions: Mapping[int, int] | None = None,
) -> DecisionBatch:
    """Prepare the decision `action` on submissions of `offer`, and return the batch. Nothing is decided yet.

    `chosen` maps the primary key of each submission to the text for its candidate; `word` is the text for all of them.
    Both are added to the default message and may be empty unless `action` is in `letters.NEEDS_TEXT`. `title` is for
    staff, and so is `reason`, which must contain no personal data. `versions` are those of the submissions as the actor
    read them; None accepts any version.

    :raises PermissionDenied: if `actor` may not prepare decisions, or the action is not one that is announced.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises OfferCancelledError: as `check_offer`.
    :raises NothingChosenError, TooManyChosenError: unless 1 to `BATCH_MAX` submissions are chosen.
    :raises NotOnCommitteeError: if one is not a submission to the offer that they may read.
    :raises StaleChoiceError, NotDecidableError, ComplementPendingError: for submissions that cannot be decided on now.
    :raises DecisionAlreadyPendingError: if one has a pending decision in another batch.
    :raises MessageMissingError: if a message lacks a required text.
    :raises DeclineReasonMissingError: if `queries.needs_reason` and there is none.
    """
    check_permission(actor, PREPARE, offer)
    if not TABLE[action].announced:
        raise PermissionDenied
    check_offer(offer, action)
    rows = _chosen(offer, chosen, actor, versions)
    _check_texts(action, word, ((row, chosen[row.pk]) for row in rows))
    _check_reason(action, offer, rows, reason)
    batch = DecisionBatch.objects.create(
        offer=offer, title=title.strip(), word=word.strip(), reason=reason.strip(), prepared_by=actor
    )
    _add(batch, action, rows, chosen)
    record(
        actor=actor, action="DECISIONS_PREPARED", subject=batch, detail=_detail(action, rows, batch.reason)
    )
    return batch


@transaction.atomic
def change_batch(
    *,
    batch: DecisionBatch,
    title: str,
    word: str,
    chosen: Mapping[int, str],
    actor: User,
    version: int,
    reason: str | None = None,
    versions: Mapping[int, int] | None = None,
) -> DecisionBatch:
    """Replace the content of a prepared batch, and return it. `version` is the batch's as the actor read it.

    Its action stays, and its reason unless another is given. A submission that is not in `chosen` leaves the batch. One
    that was already in it stays, and its decision now applies to its current version. `versions` are those of the
    submissions, as for `prepare_batch`.

    :raises BatchClosedError: if it is released, sent or revoked.
    :raises NotThePreparerError: if another user prepared it.
    :raises StaleBatchError: if it was changed since `version`.
    :raises OfferCancelledError, ReviewError, PermissionDenied: as `prepare_batch`.
    """
    check_permission(actor, PREPARE, batch.offer)
    current = lock_batch(batch.pk)
    check_state(current, DecisionBatch.State.PREPARED)
    if current.prepared_by_id != actor.pk:
        raise NotThePreparerError
    if current.version != version:
        raise StaleBatchError
    items = {item.submission_id: item for item in current.items.order_by("pk")}
    action = Action(next(iter(items.values())).action)
    check_offer(current.offer, action)
    rows = _chosen(current.offer, chosen, actor, versions)
    _check_texts(action, word, ((row, chosen[row.pk]) for row in rows))
    reason = current.reason if reason is None else reason
    _check_reason(action, current.offer, rows, reason)
    current.items.exclude(submission__in=chosen).delete()
    for row in rows:
        if item := items.get(row.pk):
            item.message, item.version = chosen[row.pk].strip(), row.version
            item.save(update_fields=["message", "version"])
    _add(current, action, [row for row in rows if row.pk not in items], chosen)
    current.title, current.word, current.reason = title.strip(), word.strip(), reason.strip()
    current.version += 1
    current.save(update_fields=["title", "word", "reason", "version"])
    record(
        actor=actor, action="DECISIONS_CHANGED", subject=current, detail=_detail(action, rows, current.reason)
    )
    return current


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

    :raises PermissionDenied, OwnSubmissionError, InConflictError: as `check_permission`.
    :raises BatchClosedError: if it is released, sent or revoked.
    :raises SecondPersonError: if they prepared it.
    :raises PreparerConflictError, OfferCancelledError: as `check_preparer` and `check_offer`.
    :raises StaleBatchError: if it was changed since `version`.
    :raises InstantPassedError: if `release_at` is before `at`, or more than `MAX_RELEASE_DELAY` after it.
    :raises MessageMissingError: if a message lacks a required text.
    :raises LettersChangedError: if the messages differ from `letters`.
    """
    check_permission(actor, RELEASE, batch.offer)
    current = lock_batch(batch.pk)
    check_state(current, DecisionBatch.State.PREPARED)
    if current.prepared_by_id == actor.pk:
        raise SecondPersonError
    check_preparer(current)
    if current.version != version:
        raise StaleBatchError
    due_at = at if release_at is None else release_at
    if not at <= due_at <= at + MAX_RELEASE_DELAY:
        raise InstantPassedError(at=at)
    items = list(items_of(current))
    action = Action(items[0].action)
    check_offer(current.offer, action)
    _check_texts(action, current.word, ((item.submission, item.message) for item in items))
    for item in items:
        item.letter = letter_digest(item)  # a message that differs later is not sent
    if letters is not None and letters != letters_digest({item.pk: item.letter for item in items}):
        raise LettersChangedError
    DecisionItem.objects.bulk_update(items, ["letter"])
    current.state = DecisionBatch.State.RELEASED
    current.release_at, current.released_by, current.released_at = due_at, actor, at
    current.returned_at, current.returned_for = None, ""
    current.save(
        update_fields=["state", "release_at", "released_by", "released_at", "returned_at", "returned_for"]
    )
    post(kind=DECISIONS, key=job_key(current), subject=current, at=due_at)
    record(actor=actor, action="DECISIONS_RELEASED", subject=current, detail=f"items={len(items)}")
    return current


@transaction.atomic
def revoke_batch(*, batch: DecisionBatch, actor: User, at: datetime) -> DecisionBatch:
    """Revoke the decisions of a batch that are not announced yet, at the aware instant `at`. Return the batch.

    While the batch is being sent, this stops it between two decisions; announced decisions stay.

    :raises PermissionDenied, OwnSubmissionError, InConflictError: as `check_permission`.
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


def _chosen(
    offer: Offer, chosen: Mapping[int, str], actor: User, versions: Mapping[int, int] | None
) -> list[Submission]:
    """Return the chosen submissions in the order in which their decisions will be sent."""
    if not chosen:
        raise NothingChosenError
    if len(chosen) > BATCH_MAX:
        raise TooManyChosenError(most=BATCH_MAX)
    rows = list(in_decision_order(visible_submissions(actor).filter(offer=offer, pk__in=chosen), actor))
    if len(rows) != len(chosen):
        raise NotOnCommitteeError
    stale = [row for row in rows if versions is not None and versions.get(row.pk) != row.version]
    if stale:
        raise StaleChoiceError(rows=tuple(row.pk for row in stale), numbers=receipt_numbers(stale))
    return rows


def _check_texts(action: Action, word: str, messages: Iterable[tuple[Submission, str]]) -> None:
    lacking = [row for row, message in messages if lacks_required_text(action, word, message)]
    if lacking:
        raise MessageMissingError(numbers=receipt_numbers(lacking))


def _check_reason(action: Action, offer: Offer, rows: list[Submission], reason: str) -> None:
    if not reason.strip() and needs_reason(action, offer, rows):
        raise DeclineReasonMissingError


def _detail(action: Action, rows: list[Submission], reason: str) -> str:
    return f"{action} items={len(rows)}" + (f" — {reason}" if reason else "")


def _add(batch: DecisionBatch, action: Action, rows: list[Submission], chosen: Mapping[int, str]) -> None:
    """Add decisions to a batch that no other transaction changes."""
    wrong = [
        row
        for row in rows
        if State(row.state) not in TABLE[action].sources or row.reserve == HumanReview.PENDING
    ]
    if wrong:
        raise NotDecidableError(numbers=receipt_numbers(wrong))
    incomplete = awaiting_complement(rows)
    if incomplete:
        raise ComplementPendingError(numbers=receipt_numbers([row for row in rows if row.pk in incomplete]))
    items = [
        DecisionItem(
            batch=batch,
            submission=row,
            action=action,
            version=row.version,
            message=chosen[row.pk].strip(),
        )
        for row in rows
    ]
    try:
        with transaction.atomic():
            DecisionItem.objects.bulk_create(items)
    except IntegrityError as refused:
        if broken_constraint(refused) != _ONE_PENDING_DECISION:
            raise
        awaited = awaiting_decision(rows)
        numbers = receipt_numbers([row for row in rows if row.pk in awaited])
        raise DecisionAlreadyPendingError(numbers=numbers) from refused
