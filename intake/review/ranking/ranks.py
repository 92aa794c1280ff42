"""What the marks say of the order of the candidatures, and how much of that order hangs on one person.

Scores are from 0 to 5, to the thousandth (`scoring.score_of`). All is reckoned in whole numbers, exactly, then rounded
half up to the thousandth: what a page shows is what is ranked. Nothing here knows a database, a clock or a page.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import isqrt, lcm

type Sheet[F: Hashable, R: Hashable] = Mapping[F, Mapping[R, Decimal]]
"""For each file, the score that each reviewer gave it; a file without a score is there with none."""
type _Scores[R: Hashable] = Mapping[R, int]
type _Value[R: Hashable] = Callable[[_Scores[R]], int]

_PLACES = 3


class Order(StrEnum):
    """What the files are ranked by, the highest first."""

    MEAN = "MEAN"
    MEDIAN = "MEDIAN"
    CENTRED = "CENTRED"
    """The mean once each reviewer's scores are shifted so that their own mean is everybody's."""


@dataclass(frozen=True, slots=True)
class RankedFile:
    """Where one file stands. Without a score it has no figure and no rank."""

    marks: int = 0
    """How many scores it has."""
    mean: Decimal | None = None
    median: Decimal | None = None
    """The middle score, or the mean of the two in the middle."""
    spread: Decimal | None = None
    """The population standard deviation of its scores; None of fewer than two, which say nothing of disagreement."""
    centred: Decimal | None = None
    """See `Order.CENTRED`: outside of 0 to 5, it may be, where a severe or a lenient reviewer marked the extremes."""
    rank: int | None = None
    """From 1; files of equal value share it, and the next one's counts them all (1, 2, 2, 4)."""
    tied: bool = False
    """Whether another file has the same rank."""
    best: int | None = None
    worst: int | None = None
    """The ranks between which it moves when one reviewer at a time is left out of all the files, where it then has a
    score left; None if it never has, as where one person marked everything."""
    rests_on_one: bool = False
    """Whether one person's score is its only one: left out, the file has no rank."""

    @property
    def max_rank_change(self) -> int:
        """Return how far, in ranks, leaving one reviewer out takes it at most."""
        if self.rank is None or self.best is None or self.worst is None:
            return 0
        return max(abs(self.rank - self.best), abs(self.worst - self.rank))


def rank_files[F: Hashable, R: Hashable](
    sheet: Sheet[F, R], *, by: Order = Order.MEAN
) -> dict[F, RankedFile]:
    """Return where each file of `sheet` stands, ranked by `by`.

    A reviewer who marked a single file tells nothing by centring: their score then stands for the overall mean. Left
    out, a reviewer's scores are taken away from all the files; those of the others stay centred as they were, for the
    overall mean moves all of them alike.

    :raises ValueError: if a score is finer than a thousandth.
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
    return {
        file: _ranked_file(
            given, centred, rank=ranks[file], tied=shared[ranks[file]] > 1, between=ranges.get(file)
        )
        if given
        else RankedFile()
        for file, given in scores.items()
    }


def _ranked_file[R: Hashable](
    given: _Scores[R], centred: _Value[R], *, rank: int, tied: bool, between: tuple[int, int] | None
) -> RankedFile:
    best, worst = between or (None, None)
    return RankedFile(
        marks=len(given),
        mean=_decimal(_mean(given)),
        median=_decimal(_median(given)),
        spread=_decimal(_spread(given)) if len(given) > 1 else None,
        centred=_decimal(centred(given)),
        rank=rank,
        tied=tied,
        best=best,
        worst=worst,
        rests_on_one=len(given) == 1,
    )


def _ranges[F: Hashable, R: Hashable](
    scores: Mapping[F, _Scores[R]], values: Mapping[F, int], value: _Value[R]
) -> dict[F, tuple[int, int]]:
    """Return the best and the worst rank of each file over the reviewers left out in turn."""
    marked: dict[R, list[F]] = defaultdict(list)
    for file, given in scores.items():
        for reviewer in given:
            marked[reviewer].append(file)
    ranges: dict[F, tuple[int, int]] = {}
    for reviewer, files in marked.items():
        # Only the files that this one marked have another value; all of them may have another rank.
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
    """Rank the files, the highest value first; equal values share a rank (standard competition ranking)."""
    rank_of, place = {}, 1
    for value, files in sorted(Counter(values.values()).items(), reverse=True):
        rank_of[value] = place
        place += files
    return {file: rank_of[value] for file, value in values.items()}


def _centring[F: Hashable, R: Hashable](scores: Mapping[F, _Scores[R]]) -> _Value[R]:
    """Return what gives the mean of a file's scores once each is shifted by what its reviewer's mean lacks."""
    own: dict[R, list[int]] = defaultdict(list)
    for given in scores.values():
        for reviewer, score in given.items():
            own[reviewer].append(score)
    number = sum(map(len, own.values()))
    overall = Fraction(sum(map(sum, own.values())), number) if number else Fraction()
    exact = {reviewer: overall - Fraction(sum(theirs), len(theirs)) for reviewer, theirs in own.items()}
    # Over one denominator, whole numbers say the same as fractions, many times faster.
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
    """Return the population standard deviation, by whole square roots alone: exact before it is rounded."""
    number, total = len(given), sum(given.values())
    variance = number * sum(score * score for score in given.values()) - total * total  # × number²
    return (isqrt(4 * variance // (number * number)) + 1) // 2


def _half_up(total: int, number: int) -> int:
    """Return `total` / `number` to the nearest whole thousandth, halves up."""
    return (2 * total + number) // (2 * number)


def _thousandths(score: Decimal) -> int:
    scaled = score.scaleb(_PLACES)
    if scaled != int(scaled):
        msg = f"a score is to the thousandth, and {score} is finer"
        raise ValueError(msg)
    return int(scaled)


def _decimal(thousandths: int) -> Decimal:
    return Decimal(thousandths).scaleb(-_PLACES)
