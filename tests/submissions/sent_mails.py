"""Text of a mail after a worker has sent it."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.test.signals import template_rendered

from intake.outbox import tasks
from intake.outbox.messages import Letter
from intake.outbox.models import Delivery, Message


def sent(kind: str) -> Message:
    """Perform the only pending mail of this kind. Return the stored message."""
    tasks.deliver(Delivery.objects.get(kind=kind).pk)
    return Message.objects.get(delivery__kind=kind)


def with_plain_spaces(text: str) -> str:
    """Return `text` on one line, with ordinary spaces, and ordinals as in plain text: `1er`."""
    return " ".join(re.sub("</?sup>", "", text).split())


def composed_with_context(
    compose: Callable[[Delivery, datetime], Letter], delivery: Delivery, at: datetime
) -> tuple[Letter, dict[str, Any]]:
    """Compose a mail. Return it with the context of its first template."""
    given: list[dict[str, Any]] = []

    def keep(*, context: Any, **_signal: Any) -> None:
        given.append(context.flatten())

    template_rendered.connect(keep)
    try:
        letter = compose(delivery, at)
    finally:
        template_rendered.disconnect(keep)
    usual = {"True", "False", "None", "site_url", "language", "languages", "layout"}
    return letter, {key: value for key, value in given[0].items() if key not in usual}
