"""Send files as a candidate does, and inspect them as a worker does."""

from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant, workable
from intake.outbox.tasks import deliver
from intake.submissions.delivery_kinds import UPLOAD


def inspect_received() -> int:
    """Perform the inspections that are due, as the worker of the queue does; return how many."""
    due = Delivery.objects.filter(workable(database_instant()), kind=UPLOAD).order_by("pk")
    return sum(deliver(key) for key in list(due.values_list("pk", flat=True)))
