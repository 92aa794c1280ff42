"""Who has a stake in an offer, and so changes nothing of it once it is published. Higher rooms register who has."""

from collections.abc import Callable

from django.db import models

from offers.models import Offer

type ConflictCheck = Callable[[Offer, models.Model], bool]

_checks: list[ConflictCheck] = []


def register(stake: ConflictCheck) -> None:
    """Let `stake(offer, account)` say whether somebody has one; registering twice is registering once.

    Called from `AppConfig.ready`. Asked while the offer's row is held, it does little.
    """
    if stake not in _checks:
        _checks.append(stake)


def has_conflict(offer: Offer, account: models.Model | None) -> bool:
    """Say whether the account has a stake in the offer; a command of the system, None, has none."""
    return account is not None and any(stake(offer, account) for stake in _checks)
