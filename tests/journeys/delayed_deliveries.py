"""Delays the deliveries of scenes: no test opens their PDFs and mails."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from intake.outbox import services

_DUE = f"{services._AT}, 'PENDING'"
_LATER = f"{services._AT} + interval '30 days', 'PENDING'"


@contextmanager
def delay_deliveries() -> Iterator[None]:
    """Make deliveries that this process posts due in a month.

    Two PDFs and two mails for each of fifty files would occupy the portal's workers and one core during the tests.
    """
    assert _DUE in services._VALUES
    with (
        patch.object(services, "_VALUES", services._VALUES.replace(_DUE, _LATER)),
        patch.object(services, "wake_async", lambda _woken: None),
    ):
        yield
