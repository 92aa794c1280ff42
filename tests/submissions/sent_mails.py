"""Text of a mail after a worker has sent it."""

import re

from intake.outbox import tasks
from intake.outbox.models import Delivery, Message


def sent(kind: str) -> Message:
    """Perform the only pending mail of this kind. Return the stored message."""
    tasks.deliver(Delivery.objects.get(kind=kind).pk)
    return Message.objects.get(delivery__kind=kind)


def with_plain_spaces(text: str) -> str:
    """Return `text` on one line, with ordinary spaces, and ordinals as in plain text: `1er`."""
    return " ".join(re.sub("</?sup>", "", text).split())
