"""Result and options of every measure of the fault runs."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TypedDict


class Measured(TypedDict):
    """One target, in the form of `build/faults.json`."""

    value: float
    target: str
    holds: bool
    spread: list[float]
    runs: int
    note: str


@dataclass(frozen=True, slots=True)
class Options:
    """Size and seed of a measure; `smoke` is the minimum that shows that the measure works."""

    kills: int
    seed: int
    lanes: int
    smoke: bool
    folder: Path


def measured(
    value: float, target: str, *, holds: bool, note: str, values: list[float] | None = None
) -> Measured:
    """Return a figure with the lowest and highest of `values`."""
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
    """Return `value` with four significant digits."""
    return float(f"{value:.4g}")


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed; 0 without values."""
    if not values:
        return 0.0
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]
