"""Geometry of the charts: positions of bars in a drawing 360 units wide. Texts and links are the caller's. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH = 360
_LETTER = 8
"""Width, in units, of one character of a figure at the end of its bar."""
_ROW = 40
_MAX_LENGTH = 46
"""Maximum characters of a label above its bar."""
_PLOT = 108
"""Height of the tallest column, in units."""
_TOP = 18
"""Height above that column for its figure, in units."""


class Datum(NamedTuple):
    """Data of one bar: `value` out of `whole`, or only `value`."""

    label: str
    value: int
    figure: str
    """The value as text."""
    url: str
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: label above it, figure at its end. `track` is the length of its whole, 0 without one."""

    label: str
    figure: str
    label_y: int
    bar_y: int
    text_y: int
    length: float
    track: float
    figure_x: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its title, a sentence that sums it up, and the rows of the table behind it."""

    key: str
    """Prefix of its identifiers on the page."""
    title: str
    sentence: str
    rows: tuple[Datum, ...]
    heads: tuple[str, str]
    """Headers of the table's two columns."""
    bars: tuple[Bar, ...] = ()
    columns: "tuple[Column, ...]" = ()
    deadline_x: float | None = None
    first: str = ""
    last: str = ""
    """Texts under the first and the last column."""

    @property
    def height(self) -> int:
        """Height of the drawing, in units."""
        return _TOP + _PLOT + 20 if self.columns else max(len(self.bars) * _ROW, 1)

    @property
    def base(self) -> int:
        """Vertical position of the foot of the columns."""
        return _TOP + _PLOT


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Only the tallest column has a `figure`, above it."""

    x: float
    y: float
    width: float
    height: float
    figure: str
    figure_x: float


def bars_of(rows: Sequence[Datum]) -> tuple[Bar, ...]:
    """Return bars, one under another, each with its label above it; the longest fills the width."""
    most = max([1, *(max(row.value, row.whole) for row in rows)])
    width = WIDTH - 8 - _LETTER * max((len(row.figure) for row in rows), default=0)
    bars = []
    for place, row in enumerate(rows):
        top = place * _ROW
        length, track = (round(width * number / most, 1) for number in (row.value, row.whole))
        bars.append(
            Bar(
                label=row.label if len(row.label) <= _MAX_LENGTH else f"{row.label[: _MAX_LENGTH - 1]}…",
                figure=row.figure,
                label_y=top + 13,
                bar_y=top + 19,
                text_y=top + 30,
                length=max(length, 1.0) if row.value else 0,
                track=track,
                figure_x=max(length, track) + 6,
            )
        )
    return tuple(bars)


def columns_of(rows: Sequence[Datum]) -> tuple[Column, ...]:
    """Return columns side by side, in order."""
    most = max([1, *(row.value for row in rows)])
    step = WIDTH / max(len(rows), 1)
    width = max(step * 0.8, 1.0)
    tallest = max(range(len(rows)), key=lambda place: rows[place].value, default=0)
    columns = []
    for place, row in enumerate(rows):
        height = round(_PLOT * row.value / most, 1) if row.value else 0.0
        middle = place * step + step / 2
        columns.append(
            Column(
                x=round(middle - width / 2, 2),
                y=round(_TOP + _PLOT - height, 1),
                width=round(width, 2),
                height=height,
                figure=row.figure if place == tallest and row.value else "",
                figure_x=min(max(round(middle, 1), 12), WIDTH - 12),
            )
        )
    return tuple(columns)


def line_after(place: int, columns: int) -> float:
    """Return the position of a line after the column at index `place`, from 0, among `columns`."""
    return round(min((place + 1) * (WIDTH / max(columns, 1)), WIDTH - 1), 1)


@dataclass(frozen=True, slots=True)
class Meter:
    """Progress as a bar 360 units long."""

    key: str
    words: str
    length: float


def meter(*, key: str, done: int, whole: int, words: str) -> Meter:
    """Return the bar; it is empty if `whole` is 0."""
    return Meter(key, words, round(WIDTH * min(done, whole) / whole, 1) if whole else 0.0)
