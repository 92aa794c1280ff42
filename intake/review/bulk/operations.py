"""Bulk runs: one action on many submissions, confirmed once and done by a job, one transaction per submission."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.review.access.errors import (
    EmptyRunError,
    InAnotherRunError,
    ReasonMissingError,
    ReviewError,
    RunTooLargeError,
)
from intake.review.access.visibility import visible_submissions
from intake.review.models import BULK_MAX, BulkItem, BulkRun
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.lifecycle.errors import SubmissionError
from intake.submissions.states import TABLE, Action

BULK_RUN: Final = "bulk_run"
SLICE: Final = 25
"""Items that one job does before it posts the next: far below a worker's time limit, and mails are sent between."""


@transaction.atomic
def start_bulk_run(
    *,
    key: UUID,
    action: Action,
    actor: User,
    versions: Mapping[int, int],
    at: datetime,
    reason: str = "",
    query: str = "",
) -> BulkRun:
    """Store a bulk run of `action` on each submission of `versions`, and return it. Idempotent per actor and `key`.

    `versions` maps the submissions' keys, in the queue's order, to the versions that the actor read. Submissions that
    `actor` may not read are left out; one that is open in another run becomes a refused item. `query` is the queue's
    filter, in its canonical form; `at` is when the first job is due.

    :raises EmptyRunError: if `versions` contains no submission that the actor may read.
    :raises RunTooLargeError: if `versions` contains more than `BULK_MAX`.
    :raises ReasonMissingError: if the action needs a reason and `reason` is blank.
    """
    if len(versions) > BULK_MAX:
        raise RunTooLargeError
    if TABLE[action].reason_required and not reason.strip():
        raise ReasonMissingError
    run, is_new = BulkRun.objects.get_or_create(
        actor=actor, key=key, defaults={"action": action, "reason": reason.strip(), "query": query}
    )
    if not is_new:
        return run
    _add_items(run, versions)
    record(actor=actor, action="BULK_RUN_STARTED", subject=run, detail=action)
    _post_next_or_end(run, at)
    return run


def do_bulk_run(delivery: Delivery, at: datetime) -> None:
    """Do the next items of the delivery's run, then post a job for those after them, or end the run.

    Safe to kill at any line and to run again: an item and its move commit together.
    """
    run = BulkRun.objects.select_related("actor").get(pk=delivery.subject_id)
    waiting = run.items.filter(state=BulkItem.State.OPEN).order_by("position")
    for item in list(waiting.values_list("pk", flat=True)[:SLICE]):
        _do_item(run, item)
    _post_next_or_end(run, at)


@transaction.atomic
def stop_bulk_run(*, run: BulkRun, actor: User) -> int:
    """Stop the open items of the run, and return their number. Items that are done stay done."""
    waiting = run.items.filter(state=BulkItem.State.OPEN)
    # Lock in the order in which a job takes them: this waits for an item being done, which is then no longer open.
    taken = list(waiting.order_by("position").select_for_update(of=("self",)).values_list("pk", flat=True))
    stopped = BulkItem.objects.filter(pk__in=taken, state=BulkItem.State.OPEN).update(
        state=BulkItem.State.STOPPED, done_at=TransactionNow()
    )
    BulkRun.objects.filter(pk=run.pk, ended_at=None).update(ended_at=TransactionNow())
    if stopped:
        record(actor=actor, action="BULK_RUN_STOPPED", subject=run)
    return stopped


def _add_items(run: BulkRun, versions: Mapping[int, int]) -> None:
    states = dict(visible_submissions(run.actor).filter(pk__in=list(versions)).values_list("pk", "state"))
    if not states:
        raise EmptyRunError
    items = [
        BulkItem(run=run, position=position, submission_id=key, version=version)
        for position, (key, version) in enumerate(
            ((key, version) for key, version in versions.items() if key in states), start=1
        )
    ]
    _insert(items)
    inserted = set(run.items.values_list("submission", flat=True))
    refused = [item for item in items if item.submission_id not in inserted]
    for item in refused:
        item.state, item.refusal = BulkItem.State.REFUSED, InAnotherRunError.code
        item.found, item.done_at = states[item.submission_id], TransactionNow()
    _insert(refused)


def _insert(items: Sequence[BulkItem]) -> None:
    """Insert the items except those that the database refuses: their submission is open in another run."""
    # Sorted by submission: concurrent runs on the same ones lock them in one order, so they cannot deadlock.
    BulkItem.objects.bulk_create(sorted(items, key=lambda item: item.submission_id), ignore_conflicts=True)


@transaction.atomic
def _do_item(run: BulkRun, pk: int) -> None:
    items = BulkItem.objects.select_for_update(of=("self",)).select_related("submission")
    item = items.filter(pk=pk, state=BulkItem.State.OPEN).first()
    if item is None:  # done by another worker, or stopped
        return
    try:
        with transaction.atomic():
            moved = move_as_reviewer(
                submission=item.submission,
                action=Action(run.action),
                actor=run.actor,
                reason=run.reason,
                version=item.version,
            )
    except (SubmissionError, ReviewError) as refusal:
        item.state = BulkItem.State.REFUSED
        item.refusal = refusal.code
        item.found = getattr(refusal, "state", item.submission.state)
    else:
        item.state = BulkItem.State.DONE
        item.found = moved.state
    item.done_at = TransactionNow()
    item.save(update_fields=["state", "refusal", "found", "done_at"])


@transaction.atomic
def _post_next_or_end(run: BulkRun, at: datetime) -> None:
    following = run.items.filter(state=BulkItem.State.OPEN).order_by("position").first()
    if following is None:
        BulkRun.objects.filter(pk=run.pk, ended_at=None).update(ended_at=TransactionNow())
    else:
        post(kind=BULK_RUN, key=f"{run.public_id}-{following.position}", subject=run, at=at)
