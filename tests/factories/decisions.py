"""Decisions for tests, prepared, released and sent by the operations of the portal."""

from typing import Any

from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.review.decisions.operations import prepare_batch, release_batch
from intake.review.decisions.sending import send_decisions
from intake.review.delivery_kinds import DECISIONS
from intake.review.models import DecisionBatch, Evidence
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.people import make_staff


def make_batch(
    *submissions: Submission,
    action: Action = Action.DECLINE,
    word: str = "",
    messages: dict[int, str] | None = None,
    preparer: User | None = None,
    reason: str | None = None,
) -> DecisionBatch:
    """Prepare a decision batch of submissions of one offer."""
    return prepare_batch(
        offer=submissions[0].offer,
        action=action,
        title="Lot d’essai",
        word=word,
        reason=("Essai." if action is Action.DECLINE else "") if reason is None else reason,
        chosen={row.pk: (messages or {}).get(row.pk, "") for row in submissions},
        actor=preparer or make_staff(),
    )


def release(batch: DecisionBatch, *, by: User | None = None, **options: Any) -> DecisionBatch:
    """Approve a batch in its current version, as a second person."""
    return release_batch(
        batch=batch,
        actor=by or make_staff(),
        version=options.pop("version", batch.version),
        at=timezone.now(),
        **options,
    )


def send(batch: DecisionBatch) -> DecisionBatch:
    """Send a batch that is due, as the outbox does."""
    deliveries = Delivery.objects.filter(kind=DECISIONS, subject_id=str(batch.pk)).order_by("pk")
    for delivery in deliveries:
        send_decisions(delivery, timezone.now())
    batch.refresh_from_db()
    return batch


def confirm(submission: Submission, *, but: int = -1) -> None:
    """Confirm each finding that decides the verdict, except the one at position `but`."""
    filing = submission.standing_filing
    if filing is None:
        msg = "only a filing is confirmed"
        raise ValueError(msg)
    author = make_staff()
    for position in filing.verdict.blocking:
        if position != but:
            Evidence.objects.create(
                filing=filing,
                position=position,
                kind="AGE",
                outcome=Evidence.Outcome.CONFIRMED,
                note="Vu à l’entrevue.",
                author=author,
            )


def decide(*submissions: Submission, action: Action, word: str = "") -> DecisionBatch:
    """Prepare, release and send a decision: its submissions are then in the target state."""
    if action is Action.SELECT:
        for submission in submissions:
            confirm(submission)
    return send(release(make_batch(*submissions, action=action, word=word)))
