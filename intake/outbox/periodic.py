"""What comes by itself: one job per period, asked for by whoever sweeps."""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from intake.outbox import kinds, services
from intake.outbox.models import Delivery

_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


def period_start(at: datetime, *, every: timedelta) -> datetime:
    """Return the first instant of the period that holds `at`, in UTC; periods of `every` are counted from 1970."""
    return _ORIGIN + (at - _ORIGIN) // every * every


def post_due(*, at: datetime) -> None:
    """Ask for the job of each periodic kind whose period holds `at`, unless it was asked for or an earlier one waits.

    One query when there is nothing to ask. Any number may sweep at once: the key is the period's first instant, and
    the outbox takes a key once.
    """
    keys = {
        kind.code: period_start(at, every=kind.every).isoformat()
        for kind in kinds.periodic()
        if kind.every is not None
    }
    if not keys:
        return
    settled = Q(state__in=[Delivery.State.PENDING, Delivery.State.LEASED], kind__in=keys)
    for code, key in keys.items():
        settled |= Q(kind=code, key=key)
    taken = set(Delivery.objects.filter(settled).values_list("kind", flat=True))
    for code in keys.keys() - taken:
        with transaction.atomic():
            services.post(kind=code, key=keys[code], subject=code, at=at)
