"""What every measure of the fault runs gives back, and what it is told."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TypedDict


class Measured(TypedDict):
    """One target, as `build/faults.json` keeps it."""

    value: float
    target: str
    holds: bool
    spread: list[float]
    runs: int
    note: str


@dataclass(frozen=True, slots=True)
class Options:
    """How much is to be done, and from which seed; `smoke` is as little as shows that the measure works."""

    kills: int
    seed: int
    lanes: int
    smoke: bool
    folder: Path


def measured(
    value: float, target: str, *, holds: bool, note: str, values: list[float] | None = None
) -> Measured:
    """Return a figure with the lowest and highest of the `values` it was made of."""
    values = values or [value]
    return Measured(
        value=rounded(value),
        target=target,
        holds=holds,
        spread=[rounded(min(values)), rounded(max(values))],
        runs=len(values),
        note=note,
    )


def rounded(value: float) -> float:
    """Return four significant digits."""
    return float(f"{value:.4g}")


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed; 0 without values."""
    if not values:
        return 0.0
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]
