"""Bulk runs for tests, started as the queue's pages start them and performed as a worker performs them."""

from typing import Any
from uuid import uuid4

from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.review.bulk import operations
from intake.review.bulk.operations import start_bulk_run
from intake.review.bulk.views import refusal_message
from intake.review.models import BulkItem, BulkRun
from intake.submissions.models import Submission
from intake.submissions.states import Action


def run_all() -> None:
    """Perform the due deliveries, and those that they post."""
    while waiting := Delivery.objects.filter(kind=operations.BULK_RUN, state=Delivery.State.PENDING).first():
        deliver(waiting.pk)
        waiting.refresh_from_db()
        assert waiting.state == Delivery.State.DONE, waiting.last_error


def start_run(actor: User, action: Action, *chosen: Submission, **more: Any) -> BulkRun:
    """Confirm a bulk run of `chosen` in their current versions; `more` is passed to the operation."""
    return start_bulk_run(
        key=more.pop("key", uuid4()),
        action=action,
        actor=actor,
        versions={each.pk: each.version for each in chosen},
        at=timezone.now(),
        **more,
    )


def run_bulk_action(actor: User, action: Action, *chosen: Submission, **more: Any) -> list[str]:
    """Confirm a bulk run of `chosen` and perform it. Return per submission the refusal, or an empty text, in order."""
    run = start_run(actor, action, *chosen, **more)
    run_all()
    items: dict[int, BulkItem] = {item.submission_id: item for item in run.items.order_by("pk")}
    return [
        refusal_message(item.refusal, state=item.found) if item.refusal else ""
        for item in (items[each.pk] for each in chosen)
    ]
