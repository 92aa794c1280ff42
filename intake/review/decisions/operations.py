"""Prepare and change decision batches. A second person approves them (`decisions.release`)."""

from collections.abc import Mapping
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import NotOnCommitteeError
from intake.review.access.visibility import visible_submissions
from intake.review.models import DecisionBatch, DecisionItem
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action, HumanReview, State
from intake.web.database_errors import broken_constraint
from offers.models import Offer

from .approval import check_offer, check_permission, check_state, lock_batch, receipt_numbers
from .errors import (
    ComplementPendingError,
    DecisionAlreadyPendingError,
    MessageMissingError,
    NotDecidableError,
    NothingChosenError,
    NotThePreparerError,
    StaleBatchError,
    StaleChoiceError,
    TooManyChosenError,
)
from .letters import lacks_required_text
from .queries import PREPARE, awaiting_complement, in_decision_order

BATCH_MAX: Final = 200
"""Maximum submissions of one batch: the approver reads a message for each."""
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
    versions: Mapping[int, int] | None = None,
) -> DecisionBatch:
    """Prepare the decision `action` on submissions of `offer`, and return the batch. Nothing is decided yet.

    `chosen` maps the primary key of each submission to the text for its candidate; `word` is the text for all of them.
    Both are added to the default message and may be empty unless `action` is in `letters.NEEDS_TEXT`. `title` is for
    staff. `versions` are those of the submissions as the actor read them; None accepts any version.

    :raises PermissionDenied: if `actor` may not prepare decisions, or the action is not one that is announced.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises NothingChosenError: if nothing is chosen.
    :raises TooManyChosenError: if more than `BATCH_MAX` submissions are chosen.
    :raises OfferCancelledError: if the action leads to a stage, and the offer is cancelled.
    :raises NotOnCommitteeError: if one is not a submission to the offer that they may read.
    :raises StaleChoiceError: if one was moved, filed again or ruled on since its version.
    :raises NotDecidableError: if the table has no such move from the state of one, or its human review is pending.
    :raises ComplementPendingError: if the candidate of one may still send a complement.
    :raises DecisionAlreadyPendingError: if one has a pending decision in another batch.
    :raises MessageMissingError: if a message lacks a required text.
    """
    check_permission(actor, PREPARE, offer)
    if not TABLE[action].announced:
        raise PermissionDenied
    check_offer(offer, action)
    rows = _chosen(offer, chosen, actor, versions)
    _check_texts(action, rows, word, chosen)
    batch = DecisionBatch.objects.create(
        offer=offer, title=title.strip(), word=word.strip(), prepared_by=actor
    )
    _add(batch, action, rows, chosen)
    record(actor=actor, action="DECISIONS_PREPARED", subject=batch, detail=f"{action} items={len(rows)}")
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
    versions: Mapping[int, int] | None = None,
) -> DecisionBatch:
    """Replace the content of a prepared batch, and return it. `version` is the batch's as the actor read it.

    Its action stays. A submission that is not in `chosen` leaves the batch. One that was already in it stays, and its
    decision now applies to its current version. `versions` are those of the submissions, as for `prepare_batch`.

    :raises BatchClosedError: if it is released, sent or revoked.
    :raises NotThePreparerError: if another user prepared it.
    :raises StaleBatchError: if it was changed since `version`.
    :raises OfferCancelledError: if it leads to a stage, and the offer is cancelled.
    :raises ReviewError: as `prepare_batch`.
    :raises PermissionDenied: as `prepare_batch`.
    """
    check_permission(actor, PREPARE, batch.offer)
    current = lock_batch(batch.pk)
    check_state(current, DecisionBatch.State.PREPARED)
    if current.prepared_by_id != actor.pk:
        raise NotThePreparerError
    if current.version != version:
        raise StaleBatchError
    held = {item.submission_id: item for item in current.items.order_by("pk")}
    action = Action(next(iter(held.values())).action)
    check_offer(current.offer, action)
    rows = _chosen(current.offer, chosen, actor, versions)
    _check_texts(action, rows, word, chosen)
    current.items.exclude(submission__in=chosen).delete()
    for submission in rows:
        item = held.get(submission.pk)
        if item is not None:
            item.message, item.version = chosen[submission.pk].strip(), submission.version
            item.save(update_fields=["message", "version"])
    _add(current, action, [row for row in rows if row.pk not in held], chosen)
    current.title, current.word = title.strip(), word.strip()
    current.version += 1
    current.save(update_fields=["title", "word", "version"])
    record(actor=actor, action="DECISIONS_CHANGED", subject=current, detail=f"{action} items={len(rows)}")
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


def _check_texts(action: Action, rows: list[Submission], word: str, chosen: Mapping[int, str]) -> None:
    lacking = [row for row in rows if lacks_required_text(action, word, chosen[row.pk])]
    if lacking:
        raise MessageMissingError(numbers=receipt_numbers(lacking))


def _add(batch: DecisionBatch, action: Action, rows: list[Submission], chosen: Mapping[int, str]) -> None:
    """Add decisions to a batch that no other transaction changes."""
    wrong = [
        row
        for row in rows
        if State(row.state) not in TABLE[action].sources or row.reserve == HumanReview.PENDING
    ]
    if wrong:
        raise NotDecidableError(numbers=receipt_numbers(wrong))
    running = awaiting_complement(rows)
    if running:
        raise ComplementPendingError(numbers=receipt_numbers([row for row in rows if row.pk in running]))
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
        open_items = DecisionItem.objects.filter(submission__in=rows, state=DecisionItem.State.OPEN)
        awaited = set(open_items.values_list("submission", flat=True))
        numbers = receipt_numbers([row for row in rows if row.pk in awaited])
        raise DecisionAlreadyPendingError(numbers=numbers) from refused
