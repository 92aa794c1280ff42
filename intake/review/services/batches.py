"""Batches of decisions: prepared by one person, released by another for an instant, revocable until they are sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.services import post
from intake.review.announced import lacks_words
from intake.review.deciding import PREPARE, RELEASE, in_order
from intake.review.decision_errors import (
    AlreadyAwaitedError,
    BatchClosedError,
    BoundPreparerError,
    InstantPassedError,
    MessageMissingError,
    NotDecidableError,
    NothingChosenError,
    NotThePreparerError,
    SecondPersonError,
    StaleBatchError,
    StaleChosenError,
    TooManyChosenError,
)
from intake.review.errors import InConflictError, NotOnCommitteeError, OwnSubmissionError, ReviewError
from intake.review.kinds import DECISIONS
from intake.review.models import DecisionBatch, DecisionItem
from intake.review.seats import applied_to
from intake.review.selectors import has_conflict_on, visible_submissions
from intake.submissions.errors import OfferCancelledError
from intake.submissions.models import Submission
from intake.submissions.services.constraints import broken_constraint
from intake.submissions.states import TABLE, TO_A_STAGE, Action, Reserve, State
from offers.models import Offer

BATCH_MAX: Final = 200
"""Candidatures of one batch: as many messages as somebody reads before approving them."""
LATEST: Final = timedelta(days=366)
"""How far ahead a release may be set."""
_AWAITED: Final = "a_candidature_awaits_one_decision_at_most"


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
    """Prepare the decision `action` on candidatures of `offer`, and return the batch: nothing is decided yet.

    `chosen` holds, by the candidature's primary key, what its person alone reads; `word` is read by all of them; both
    come beside the usual message, and may be empty unless that message needs them. `title` is for staff. `versions` are
    those of the candidatures as the actor read them; `None` decides on whatever stands there.

    :raises PermissionDenied: if `actor` may not prepare decisions, or the action is not one that is announced.
    :raises OwnSubmissionError: if they applied to the offer: another person decides on it.
    :raises InConflictError: if they have a conflict of interest on a candidature to it.
    :raises NothingChosenError: if nothing is chosen, :raises TooManyChosenError: if more than `BATCH_MAX` are.
    :raises OfferCancelledError: if the action leads to a stage, and the offer is cancelled.
    :raises NotOnCommitteeError: if one is not a candidature to the offer that they may read.
    :raises StaleChosenError: if one was moved, filed anew or judged since its version.
    :raises NotDecidableError: if the table has no such move from where one stands, or it is under reserve.
    :raises AlreadyAwaitedError: if one awaits another batch's decision.
    :raises MessageMissingError: if a message would not say what it must.
    """
    check_may(actor, PREPARE, offer)
    if not TABLE[action].announced:
        raise PermissionDenied
    _check_offer(offer, action)
    rows = _chosen(offer, chosen, actor, versions)
    _check_words(action, rows, word, chosen)
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
    """Let a prepared batch say this instead, and return it; `version` is the batch's as the actor read it.

    Its action stays. What is no longer in `chosen` leaves it; what was in it already stays, wherever it stands by now,
    and the decision is from now on about what stands there. `versions` are those of the candidatures, as
    `prepare_batch` wants them.

    :raises BatchClosedError: if it is released, sent or called off.
    :raises NotThePreparerError: if another person prepared it.
    :raises StaleBatchError: if it was changed since `version`.
    :raises OfferCancelledError: if it leads to a stage, and the offer is cancelled.
    :raises ReviewError: and, like PermissionDenied, as `prepare_batch` does.
    """
    check_may(actor, PREPARE, batch.offer)
    current = lock_batch(batch.pk)
    _check_state(current, DecisionBatch.State.PREPARED)
    if current.prepared_by_id != actor.pk:
        raise NotThePreparerError
    if current.version != version:
        raise StaleBatchError
    held = {item.submission_id: item for item in current.items.order_by("pk")}
    action = Action(next(iter(held.values())).action)
    _check_offer(current.offer, action)
    rows = _chosen(current.offer, chosen, actor, versions)
    _check_words(action, rows, word, chosen)
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


@transaction.atomic
def release_batch(
    *, batch: DecisionBatch, actor: User, version: int, at: datetime, release_at: datetime | None = None
) -> DecisionBatch:
    """Approve what was read of a batch, for the aware instant `release_at` or, without one, for now, which is `at`.

    `version` is the batch's as the actor read it. The decisions are then the actor's: they are made in their name.

    :raises PermissionDenied: if the actor may not release decisions.
    :raises OwnSubmissionError: if they applied to the offer, :raises InConflictError: as `prepare_batch` does.
    :raises BatchClosedError: if it is released, sent or called off.
    :raises SecondPersonError: if they prepared it.
    :raises BoundPreparerError: if whoever prepared it has a stake in the offer by now.
    :raises StaleBatchError: if it was changed since `version`.
    :raises InstantPassedError: if `release_at` is before `at`, or `LATEST` after it.
    :raises OfferCancelledError: if it leads to a stage, and the offer is cancelled.
    :raises MessageMissingError: if a message would not say what it must.
    """
    check_may(actor, RELEASE, batch.offer)
    current = lock_batch(batch.pk)
    _check_state(current, DecisionBatch.State.PREPARED)
    if current.prepared_by_id == actor.pk:
        raise SecondPersonError
    _check_preparer(current)
    if current.version != version:
        raise StaleBatchError
    wanted = at if release_at is None else release_at
    if not at <= wanted <= at + LATEST:
        raise InstantPassedError(at=at)
    items = list(current.items.select_related("submission__standing_filing__receipt").order_by("pk"))
    _check_offer(current.offer, Action(items[0].action))
    lacking = [item for item in items if lacks_words(Action(item.action), current.word, item.message)]
    if lacking:
        raise MessageMissingError(numbers=_numbers([item.submission for item in lacking]))
    current.state = DecisionBatch.State.RELEASED
    current.release_at, current.released_by, current.released_at = wanted, actor, at
    current.returned_at, current.returned_for = None, ""
    current.save(
        update_fields=["state", "release_at", "released_by", "released_at", "returned_at", "returned_for"]
    )
    post(kind=DECISIONS, key=job_key(current), subject=current, at=wanted)
    record(actor=actor, action="DECISIONS_RELEASED", subject=current, detail=f"items={len(items)}")
    return current


@transaction.atomic
def revoke_batch(*, batch: DecisionBatch, actor: User, at: datetime) -> DecisionBatch:
    """Call off, at the aware instant `at`, whatever of a batch is not announced yet, and return it.

    Somebody who calls it off while it is being sent stops it between two decisions: those announced stay.

    :raises PermissionDenied: if the actor neither prepares nor releases decisions.
    :raises OwnSubmissionError: if they applied to the offer, :raises InConflictError: as `prepare_batch` does.
    :raises BatchClosedError: if it is sent or called off already.
    """
    check_may(actor, RELEASE if actor.has_perm(RELEASE) else PREPARE, batch.offer)
    current = lock_batch(batch.pk)
    _check_state(current, DecisionBatch.State.PREPARED, DecisionBatch.State.RELEASED)
    stopped = current.items.filter(state=DecisionItem.State.OPEN).update(
        state=DecisionItem.State.REVOKED, done_at=at
    )
    current.state, current.revoked_by, current.ended_at = DecisionBatch.State.REVOKED, actor, at
    current.save(update_fields=["state", "revoked_by", "ended_at"])
    record(actor=actor, action="DECISIONS_REVOKED", subject=current, detail=f"items={stopped}")
    return current


def lock_batch(number: int) -> DecisionBatch:
    """Return the batch with its row locked: who changes, releases, calls off or sends it takes turns."""
    return (
        DecisionBatch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("offer__programme", "prepared_by", "released_by")
        .get(pk=number)
    )


def check_impartial(*, actor: User, offer: Offer) -> None:
    """Refuse that `actor` decides on `offer`, if they have a stake in it.

    :raises OwnSubmissionError: if they applied to it.
    :raises InConflictError: if they have a conflict of interest on a candidature to it.
    """
    if applied_to(user=actor, offer_id=offer.pk):
        raise OwnSubmissionError
    if has_conflict_on(user=actor, offer=offer):
        raise InConflictError


def check_approval(batch: DecisionBatch) -> None:
    """Refuse that `batch` leaves, if whoever approved it might not approve it now, or it leads nowhere any more.

    :raises PermissionDenied: if they may not release decisions any more.
    :raises OwnSubmissionError: if they applied to the offer, :raises InConflictError: if they are in conflict on it.
    :raises BoundPreparerError: if whoever prepared it has a stake in the offer by now.
    :raises OfferCancelledError: if it leads to a stage, and the offer is cancelled.
    """
    if batch.released_by is None:
        msg = "a released batch says by whom"
        raise ValueError(msg)
    check_may(batch.released_by, RELEASE, batch.offer)
    _check_preparer(batch)
    _check_offer(batch.offer, Action(batch.items.order_by("pk")[0].action))


def _check_offer(offer: Offer, action: Action) -> None:
    if action in TO_A_STAGE and offer.status == Offer.Status.CANCELLED:
        raise OfferCancelledError


def _check_preparer(batch: DecisionBatch) -> None:
    try:
        check_impartial(actor=batch.prepared_by, offer=batch.offer)
    except ReviewError as refusal:
        raise BoundPreparerError from refusal


def job_key(batch: DecisionBatch) -> str:
    """Return the key of the job that sends `batch` as it was approved: another approval is another job's."""
    return f"{batch.pk}.{batch.version}"


def check_may(actor: User, permission: str, offer: Offer) -> None:
    """Refuse that `actor` does what `permission` allows on the decisions of `offer`.

    :raises PermissionDenied: if they may not decide, or have not that permission.
    :raises ReviewError: as `check_impartial` does.
    """
    if not (actor.has_perm(permission) and actor.has_perm("submissions.decide_submission")):
        raise PermissionDenied
    check_impartial(actor=actor, offer=offer)


def _check_state(batch: DecisionBatch, *wanted: DecisionBatch.State) -> None:
    state = DecisionBatch.State(batch.state)
    if state not in wanted:
        raise BatchClosedError(state=state)


def _chosen(
    offer: Offer, chosen: Mapping[int, str], actor: User, versions: Mapping[int, int] | None
) -> list[Submission]:
    """Return the candidatures that are chosen, in the order in which their decisions will leave."""
    if not chosen:
        raise NothingChosenError
    if len(chosen) > BATCH_MAX:
        raise TooManyChosenError(most=BATCH_MAX)
    rows = list(in_order(visible_submissions(actor).filter(offer=offer, pk__in=chosen), actor))
    if len(rows) != len(chosen):
        raise NotOnCommitteeError
    stale = [row for row in rows if versions is not None and versions.get(row.pk) != row.version]
    if stale:
        raise StaleChosenError(rows=tuple(row.pk for row in stale), numbers=_numbers(stale))
    return rows


def _check_words(action: Action, rows: list[Submission], word: str, chosen: Mapping[int, str]) -> None:
    lacking = [row for row in rows if lacks_words(action, word, chosen[row.pk])]
    if lacking:
        raise MessageMissingError(numbers=_numbers(lacking))


def _add(batch: DecisionBatch, action: Action, rows: list[Submission], chosen: Mapping[int, str]) -> None:
    """Add decisions to a batch whose row nobody else changes."""
    wrong = [
        row for row in rows if State(row.state) not in TABLE[action].sources or row.reserve == Reserve.PENDING
    ]
    if wrong:
        raise NotDecidableError(numbers=_numbers(wrong))
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
        if broken_constraint(refused) != _AWAITED:
            raise
        open_items = DecisionItem.objects.filter(submission__in=rows, state=DecisionItem.State.OPEN)
        awaited = set(open_items.values_list("submission", flat=True))
        numbers = _numbers([row for row in rows if row.pk in awaited])
        raise AlreadyAwaitedError(numbers=numbers) from refused


def _numbers(rows: list[Submission]) -> tuple[str, ...]:
    return tuple(row.standing_filing.receipt.number for row in rows if row.standing_filing)
