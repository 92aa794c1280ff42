"""Ranks of files from their scores, and how much a rank depends on one reviewer.

Scores are from 0 to 5, with three decimals (`score_of`). Values are computed exactly in whole numbers, then rounded
half up to three decimals: a page displays the ranked values. Pure: no database, no clock.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import isqrt, lcm

type Sheet[F: Hashable, R: Hashable] = Mapping[F, Mapping[R, Decimal]]
"""The score of each reviewer for each file. A file without a score has an empty mapping."""
type _Scores[R: Hashable] = Mapping[R, int]
type _Value[R: Hashable] = Callable[[_Scores[R]], int]

_PLACES = 3


class Order(StrEnum):
    """The value by which files are ranked, highest first."""

    MEAN = "MEAN"
    MEDIAN = "MEDIAN"
    CENTRED = "CENTRED"
    """The mean after each reviewer's scores are shifted so that their mean equals the overall mean."""


@dataclass(frozen=True, slots=True)
class RankedFile:
    """Rank and statistics of one file. Without a score it has neither."""

    marks: int = 0
    """Number of scores."""
    mean: Decimal | None = None
    median: Decimal | None = None
    """The middle score, or the mean of the two middle ones."""
    spread: Decimal | None = None
    """Population standard deviation of its scores. None with fewer than two scores."""
    centred: Decimal | None = None
    """See `Order.CENTRED`. May be outside 0 to 5, if a severe or lenient reviewer gave extreme marks."""
    rank: int | None = None
    """From 1. Files of equal value share a rank, and the next rank counts all of them (1, 2, 2, 4)."""
    tied: bool = False
    """True if another file has the same rank."""
    best: int | None = None
    worst: int | None = None
    """Bounds of its rank when each reviewer in turn is left out of all files.

    Only where it then still has a score; None if it never has, for example if one reviewer gave all marks.
    """
    rests_on_one: bool = False
    """True if it has one score: without that reviewer, the file has no rank."""


def rank_files[F: Hashable, R: Hashable](
    sheet: Sheet[F, R], *, by: Order = Order.MEAN
) -> dict[F, RankedFile]:
    """Return rank and statistics of each file of `sheet`, ranked by `by`.

    Centring replaces the score of a reviewer who marked a single file by the overall mean. Leaving a reviewer out
    removes their scores from all files; the other scores keep their shifts, because the overall mean moves them all
    equally.

    :raises ValueError: if a score has more than three decimals.
    """
    scores = {
        file: {reviewer: _thousandths(score) for reviewer, score in given.items()}
        for file, given in sheet.items()
    }
    centred = _centring(scores)
    rules: dict[Order, _Value[R]] = {Order.MEAN: _mean, Order.MEDIAN: _median, Order.CENTRED: centred}
    value = rules[by]
    values = {file: value(given) for file, given in scores.items() if given}
    ranks = _ranks(values)
    shared = Counter(ranks.values())
    ranges = _ranges(scores, values, value)
    ranked = dict.fromkeys(scores, RankedFile())
    for file, rank in ranks.items():
        given = scores[file]
        best, worst = ranges.get(file, (None, None))
        ranked[file] = RankedFile(
            marks=len(given),
            mean=_decimal(_mean(given)),
            median=_decimal(_median(given)),
            spread=_decimal(_spread(given)) if len(given) > 1 else None,
            centred=_decimal(centred(given)),
            rank=rank,
            tied=shared[rank] > 1,
            best=best,
            worst=worst,
            rests_on_one=len(given) == 1,
        )
    return ranked


def _ranges[F: Hashable, R: Hashable](
    scores: Mapping[F, _Scores[R]], values: Mapping[F, int], value: _Value[R]
) -> dict[F, tuple[int, int]]:
    """Return the best and worst rank of each file when each reviewer in turn is left out."""
    marked: dict[R, list[F]] = defaultdict(list)
    for file, given in scores.items():
        for reviewer in given:
            marked[reviewer].append(file)
    ranges: dict[F, tuple[int, int]] = {}
    for reviewer, files in marked.items():
        # Only the files of this reviewer change value; every file may change rank.
        without = dict(values)
        for file in files:
            rest = {other: score for other, score in scores[file].items() if other != reviewer}
            if rest:
                without[file] = value(rest)
            else:
                del without[file]
        for file, rank in _ranks(without).items():
            best, worst = ranges.get(file, (rank, rank))
            ranges[file] = (min(best, rank), max(worst, rank))
    return ranges


def _ranks[F: Hashable](values: Mapping[F, int]) -> dict[F, int]:
    """Rank the files, highest value first. Equal values share a rank (standard competition ranking)."""
    rank_of, place = {}, 1
    for value, files in sorted(Counter(values.values()).items(), reverse=True):
        rank_of[value] = place
        place += files
    return {file: rank_of[value] for file, value in values.items()}


def _centring[F: Hashable, R: Hashable](scores: Mapping[F, _Scores[R]]) -> _Value[R]:
    """Return a function that gives the mean of a file's scores, each shifted by its reviewer's deviation."""
    own: dict[R, list[int]] = defaultdict(list)
    for given in scores.values():
        for reviewer, score in given.items():
            own[reviewer].append(score)
    number = sum(map(len, own.values()))
    overall = Fraction(sum(map(sum, own.values())), number) if number else Fraction()
    exact = {reviewer: overall - Fraction(sum(theirs), len(theirs)) for reviewer, theirs in own.items()}
    # Integers over one common denominator are exact and many times faster than fractions.
    unit = lcm(*(shift.denominator for shift in exact.values()))
    shifts = {reviewer: int(shift * unit) for reviewer, shift in exact.items()}

    def centred(given: _Scores[R]) -> int:
        shift = sum(shifts[reviewer] for reviewer in given)
        return _half_up(sum(given.values()) * unit + shift, len(given) * unit)

    return centred


def _mean[R: Hashable](given: _Scores[R]) -> int:
    return _half_up(sum(given.values()), len(given))


def _median[R: Hashable](given: _Scores[R]) -> int:
    ordered = sorted(given.values())
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _half_up(ordered[middle - 1] + ordered[middle], 2)


def _spread[R: Hashable](given: _Scores[R]) -> int:
    """Return the population standard deviation, computed with integer square roots: exact before rounding."""
    number, total = len(given), sum(given.values())
    variance = number * sum(score * score for score in given.values()) - total * total  # × number²
    return (isqrt(4 * variance // (number * number)) + 1) // 2


def _half_up(total: int, number: int) -> int:
    """Return `total` / `number` rounded half up to a whole thousandth."""
    return (2 * total + number) // (2 * number)


def _thousandths(score: Decimal) -> int:
    scaled = score.scaleb(_PLACES)
    if scaled != int(scaled):
        msg = f"a score is to the thousandth, and {score} is finer"
        raise ValueError(msg)
    return int(scaled)


def _decimal(thousandths: int) -> Decimal:
    return Decimal(thousandths).scaleb(-_PLACES)
