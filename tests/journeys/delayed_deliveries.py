"""What is filed to be looked at, without the PDFs and mails that no test opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from intake.outbox import services

_DUE = f"{services._AT}, 'PENDING'"
_LATER = f"{services._AT} + interval '30 days', 'PENDING'"


@contextmanager
def delay_deliveries() -> Iterator[None]:
    """Let deliveries asked for by this process be due in a month.

    Two renderings and two mails for each of fifty files would keep the portal's workers, and a core, from the tests.
    """
    assert _DUE in services._VALUES
    with (
        patch.object(services, "_VALUES", services._VALUES.replace(_DUE, _LATER)),
        patch.object(services, "wake_async", lambda **_about: False),
    ):
        yield
