"""Registry of conflict checks. Apps above `offers` register them.

A user for whom one of them is true cannot change a published offer.
"""

from collections.abc import Callable

from django.db import models

from offers.models import Offer

type ConflictCheck = Callable[[Offer, models.Model], bool]

_checks: list[ConflictCheck] = []


def register(stake: ConflictCheck) -> None:
    """Register a check: `stake(offer, account)` is true if the user is not impartial about the offer. Idempotent.

    Called by `intake.wiring`. The offer's row is locked during a check: it must be short.
    """
    if stake not in _checks:
        _checks.append(stake)


def has_conflict(offer: Offer, account: models.Model | None) -> bool:
    """True if a registered check is true for the user. False for None, which is a command."""
    return account is not None and any(stake(offer, account) for stake in _checks)
