"""Dot plot of a page of the ranking: one row per file, marks from 0 on the left to 5 on the right.

Horizontal positions are percentages of the width, so that the plot fits any screen; vertical ones are pixels. Values
are strings ready for an SVG attribute: a localised decimal comma would be invalid there.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from intake.review.models import MARK_MAX

from .ranks import Order, RankedFile
from .table import RankingRow

ROW_HEIGHT = 38  # pixels
AXIS_HEIGHT = 26  # pixels, above the first row
_MARGIN = 3  # % of the width at each end: the dots of 0 and 5 are drawn whole
_STEP, _TALLEST = 5, 15  # pixels between two dots of equal marks, and between the first and the last of them


@dataclass(frozen=True, slots=True)
class Dot:
    """One mark."""

    x: str
    y: str


@dataclass(frozen=True, slots=True)
class PlotRow:
    """One file: its dots, the line of its spread and the bar of its ranked value. Without a mark, none of them."""

    top: str
    label_y: str
    """Baseline of the label, in pixels."""
    middle: str
    """Vertical centre of the dots, in pixels, below the label."""
    dots: tuple[Dot, ...] = ()
    spread: tuple[str, str] | None = None
    bar: str = ""
    bar_top: str = ""
    bar_foot: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """The plot. `ticks` are the marks from 0 to 5, each with its position."""

    rows: tuple[PlotRow, ...]
    height: str
    foot: str
    """Bottom of the rows, in pixels from the top."""
    ticks: tuple[tuple[int, str], ...]


def plot_of(places: Iterable[RankingRow], *, by: Order) -> Plot:
    """Return the plot of these files, ranked by `by`."""
    rows = tuple(_row(place, AXIS_HEIGHT + number * ROW_HEIGHT, by) for number, place in enumerate(places))
    foot = AXIS_HEIGHT + len(rows) * ROW_HEIGHT
    return Plot(
        rows=rows,
        height=str(foot + 1),
        foot=str(foot),
        ticks=tuple((mark, _across(Decimal(mark))) for mark in range(MARK_MAX + 1)),
    )


def value_of(ranked: RankedFile, by: Order) -> Decimal | None:
    """Return the value by which the file is ranked. None without a mark."""
    return {Order.MEAN: ranked.mean, Order.MEDIAN: ranked.median, Order.CENTRED: ranked.centred}[by]


def _row(place: RankingRow, top: int, by: Order) -> PlotRow:
    middle = top + 26
    frame = PlotRow(top=str(top), label_y=str(top + 12), middle=str(middle))
    ranked, value = place.standing, value_of(place.standing, by)
    if value is None:
        return frame
    spread = None
    if ranked.spread and ranked.mean is not None:
        spread = (_across(ranked.mean - ranked.spread), _across(ranked.mean + ranked.spread))
    return replace(
        frame,
        dots=tuple(_dots(place.scores, middle)),
        spread=spread,
        bar=_across(value),
        bar_top=str(middle - 9),
        bar_foot=str(middle + 9),
    )


def _dots(scores: Iterable[Decimal], middle: int) -> Iterable[Dot]:
    """Yield one dot per score. Equal scores are stacked, so that each is visible."""
    for score, number in sorted(Counter(scores).items()):
        step = min(_STEP, _TALLEST / max(number - 1, 1))
        for turn in range(number):
            yield Dot(x=_across(score), y=f"{middle + (turn - (number - 1) / 2) * step:.1f}")


def _across(score: Decimal) -> str:
    """Return the horizontal position of a score, in per cent of the width, clamped to 0 to 5."""
    within = min(max(score, Decimal(0)), Decimal(MARK_MAX))
    return f"{_MARGIN + (100 - 2 * _MARGIN) * within / MARK_MAX:.2f}%"
