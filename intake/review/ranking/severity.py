"""How severe each reviewer is, and how far apart their marks are, from the files that several reviewers marked.

Additive model: a score is the worth of its file, plus the offset of its reviewer, plus an error; least squares, with
files and reviewers as fixed effects. Intervals are of 95 % and assume normal errors of one variance (offset: Student)
and normal marks (spread: chi-squared). Pure: no database, no clock.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import count
from math import atan, cos, erfc, exp, lgamma, log, pi, sin, sqrt
from statistics import NormalDist, stdev

from .ranks import Sheet

_TAIL = 0.025
"""Probability on each side of an interval."""
_EXACT_UP_TO = 100
"""Degrees of freedom. Above, the approximation of Wilson and Hilferty has a relative error below 0.0005."""
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the bounds of its interval. No bounds if there are too few marks to know them."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Severity:
    """One reviewer, over the files that they and at least one other reviewer marked."""

    files: int
    """Number of these files."""
    offset: Estimate
    """Mean difference between their marks and the panel's on the same files. Below 0: more severe."""
    spread: Estimate | None
    """Standard deviation of their marks. None with a single mark."""


def severities[F: Hashable, R: Hashable](sheet: Sheet[F, R]) -> dict[R, Severity]:
    """Return the severity of each reviewer who shares a file with another one.

    Offsets sum to 0 over a panel: the reviewers that a chain of shared files joins. Reviewers of two panels cannot be
    compared, and each has its own errors.
    """
    shared = [given for given in sheet.values() if len(given) > 1]
    found: dict[R, Severity] = {}
    for panel in _panels(shared):
        files = [given for given in shared if not panel.isdisjoint(given)]
        for reviewer, offset in _offsets(files, panel).items():
            marks = [float(given[reviewer]) for given in files if reviewer in given]
            found[reviewer] = Severity(len(marks), offset, _spread(marks))
    return found


def _panels[R: Hashable](files: Collection[Mapping[R, Decimal]]) -> list[set[R]]:
    panels: list[set[R]] = []
    for given in files:
        joined = [panel for panel in panels if not panel.isdisjoint(given)]
        panels = [panel for panel in panels if panel not in joined] + [set(given).union(*joined)]
    return panels


def _offsets[R: Hashable](files: Collection[Mapping[R, Decimal]], panel: set[R]) -> dict[R, Estimate]:
    """Solve the normal equations of the offsets, once the worth of each file is eliminated."""
    place = dict(zip(panel, count()))
    size = len(place)
    # The offsets sum to 0; adding 1/size everywhere makes the matrix regular and leaves that solution unchanged.
    matrix = [[1 / size] * size for _row in place]
    sums = [0.0] * size
    squares = 0.0
    for given in files:
        mean = float(sum(given.values())) / len(given)
        for reviewer, score in given.items():
            row, difference = place[reviewer], float(score) - mean
            sums[row] += difference
            squares += difference * difference
            matrix[row][row] += 1
            for other in given:
                matrix[row][place[other]] -= 1 / len(given)
    inverse = _inverse(matrix)
    offsets = [sum(cell * total for cell, total in zip(row, sums, strict=True)) for row in inverse]
    freedom = sum(map(len, files)) - len(files) - size + 1
    if freedom < 1:
        return {reviewer: Estimate(offsets[row]) for reviewer, row in place.items()}
    explained = sum(offset * total for offset, total in zip(offsets, sums, strict=True))
    variance = max(squares - explained, 0.0) / freedom
    estimates = {}
    for reviewer, row in place.items():
        half = student_quantile(freedom) * sqrt(variance * (inverse[row][row] - 1 / size))
        estimates[reviewer] = Estimate(offsets[row], offsets[row] - half, offsets[row] + half)
    return estimates


def _inverse(matrix: list[list[float]]) -> list[list[float]]:
    """Invert a positive definite matrix by Gauss and Jordan: no pivot is 0."""
    size = len(matrix)
    rows = [[*row, *(float(number == column) for column in range(size))] for number, row in enumerate(matrix)]
    for number in range(size):
        pivot = rows[number][number]
        rows[number] = [cell / pivot for cell in rows[number]]
        for other in range(size):
            if other != number and (factor := rows[other][number]):
                rows[other] = [
                    cell - factor * own for cell, own in zip(rows[other], rows[number], strict=True)
                ]
    return [row[size:] for row in rows]


def _spread(marks: list[float]) -> Estimate | None:
    freedom = len(marks) - 1
    if freedom < 1:
        return None
    value = stdev(marks)
    low, high = (value * sqrt(freedom / chi_squared_quantile(p, freedom)) for p in (1 - _TAIL, _TAIL))
    return Estimate(value, low, high)


@cache
def student_quantile(freedom: int) -> float:
    """Return the quantile 0.975 of Student's distribution, to six decimals."""
    low, high = 0.0, 13.0  # 12.706 with one degree of freedom
    for _halving in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < 1 - 2 * _TAIL else (low, middle)
    return low


def _within(bound: float, freedom: int) -> float:
    """Return the probability of Student's distribution from -`bound` to `bound` (Abramowitz and Stegun, 26.7.3-4)."""
    angle = atan(bound / sqrt(freedom))
    odd = freedom % 2
    term = sin(angle) * (cos(angle) if odd else 1.0)
    total = 0.0
    for power in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cos(angle) ** 2 * (power - 1) / power
    return 2 / pi * (angle + total) if odd else total


@cache
def chi_squared_quantile(probability: float, freedom: int) -> float:
    """Return a quantile of the chi-squared distribution."""
    if freedom > _EXACT_UP_TO:
        share = 2 / (9 * freedom)
        return float(freedom * (1 - share + NormalDist().inv_cdf(probability) * sqrt(share)) ** 3)
    low, high = 0.0, 10.0 * freedom
    for _halving in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _beyond(middle, freedom) > 1 - probability else (low, middle)
    return low


def _beyond(bound: float, freedom: int) -> float:
    """Return the probability of a value above `bound` (Abramowitz and Stegun, 26.4.4-5)."""
    half = bound / 2
    total = erfc(sqrt(half)) if freedom % 2 else 0.0
    for twice in range(freedom % 2, freedom, 2):
        total += exp(twice / 2 * log(half) - half - lgamma(twice / 2 + 1))
    return total
