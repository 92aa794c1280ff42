"""Which findings wait for a person's judgement, and what was judged."""

from collections.abc import Iterable, Mapping
from typing import Any

from eligibility import Effect, Outcome

from .models import Filing, Ruling


def awaited_positions(verdict: Mapping[str, Any]) -> dict[int, str]:
    """Return the kind of each finding that the rules refuse, by its position (from 0) in a sealed `verdict`."""
    return {
        position: finding["kind"]
        for position, finding in enumerate(verdict["findings"])
        if finding["outcome"] == Outcome.NOT_MET and finding["effect"] == Effect.BLOCK
    }


def rulings_on(filing: Filing) -> list[Ruling]:
    """Return every ruling on the findings of `filing` with who made it, by position, then the oldest first."""
    return list(Ruling.objects.filter(filing=filing).select_related("actor").order_by("position", "pk"))


def latest_of(rulings: Iterable[Ruling]) -> dict[int, Ruling]:
    """Return the one that stands on each finding, by its position; `rulings` come in the order of `rulings_on`."""
    return {row.position: row for row in rulings}


def standing_rulings(filing: Filing) -> dict[int, Ruling]:
    """Return the latest ruling on each finding that has one, by the finding's position."""
    return latest_of(rulings_on(filing))
