"""What a mail said, once a worker has sent it."""

from intake.outbox import tasks
from intake.outbox.models import Delivery, Message


def sent(kind: str) -> Message:
    """Send the only mail of this kind that waits; return what left."""
    tasks.deliver(Delivery.objects.get(kind=kind).pk)
    return Message.objects.get(delivery__kind=kind)


def plain(text: str) -> str:
    """Return `text` on one line, with ordinary spaces."""
    return " ".join(text.split())
