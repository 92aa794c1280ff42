"""Send files as a candidate does, and inspect and join them as a worker does."""

from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant, workable
from intake.outbox.tasks import deliver
from intake.submissions.delivery_kinds import JOIN, UPLOAD


def inspect_received() -> int:
    """Perform the inspections that are due, then the joins, as the worker of the queue does; return how many."""
    return _perform(UPLOAD) + join_wanted()


def join_wanted() -> int:
    """Perform the joins that are due, as the worker of the queue does; return how many."""
    return _perform(JOIN)


def _perform(kind: str) -> int:
    due = Delivery.objects.filter(workable(database_instant()), kind=kind).order_by("pk")
    return sum(deliver(key) for key in list(due.values_list("pk", flat=True)))
