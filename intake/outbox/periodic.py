"""Periodic jobs: the sweep posts one per kind and period."""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from intake.outbox import kinds, services
from intake.outbox.models import Delivery

_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


def period_start(at: datetime, *, every: timedelta) -> datetime:
    """Return the first instant, in UTC, of the period that contains `at`; periods of `every` are counted from 1970."""
    return _ORIGIN + (at - _ORIGIN) // every * every


def post_due(*, at: datetime) -> None:
    """Post the current period's job of each periodic kind, unless it is posted or an earlier one is pending.

    One query if there is nothing to post. Safe for concurrent sweeps: the key is the period's first instant, and a key
    is posted once.
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
