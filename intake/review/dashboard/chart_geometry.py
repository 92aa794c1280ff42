"""Geometry of the charts: where each bar stands in a drawing 360 units wide. Words and links are the caller's. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH = 360
_LETTER = 8
"""Room that a letter of a figure takes at the end of its bar."""
_ROW = 40
_MAX_LENGTH = 46
"""Letters of a label that fit above its bar."""
_PLOT = 108
"""Height of the tallest column."""
_TOP = 18
"""Room above it, for its figure."""


class Datum(NamedTuple):
    """What one bar shows: `value` of `whole`, or `value` alone."""

    label: str
    value: int
    figure: str
    """The value, in words."""
    url: str
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label above, its figure at its end; `track` is how long its whole is, 0 without one."""

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
    """A drawing with its name, what it says in a sentence, and the rows of the table behind it."""

    key: str
    """What its identifiers on the page start with."""
    title: str
    sentence: str
    height: int
    rows: tuple[Datum, ...]
    heads: tuple[str, str]
    """Of the table's two columns."""
    bars: tuple[Bar, ...] = ()
    columns: "tuple[Column, ...]" = ()
    deadline_x: float | None = None
    first: str = ""
    last: str = ""

    @property
    def base(self) -> int:
        """Where columns stand."""
        return _TOP + _PLOT


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `figure` is written above the tallest alone."""

    x: float
    y: float
    width: float
    height: float
    figure: str
    figure_x: float


def bar_chart(rows: Sequence[Datum], *, key: str, title: str, sentence: str, heads: tuple[str, str]) -> Chart:
    """Return one bar under the other, each with its label above it; the longest fills the room there is."""
    most = max([1, *(max(row.value, row.whole) for row in rows)])
    room = WIDTH - 8 - _LETTER * max((len(row.figure) for row in rows), default=0)
    bars = []
    for place, row in enumerate(rows):
        top = place * _ROW
        length, track = (round(room * number / most, 1) for number in (row.value, row.whole))
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
    return Chart(
        key=key,
        title=title,
        sentence=sentence,
        height=max(len(rows) * _ROW, 1),
        rows=tuple(rows),
        heads=heads,
        bars=tuple(bars),
    )


def column_chart(
    rows: Sequence[Datum],
    *,
    key: str,
    title: str,
    sentence: str,
    heads: tuple[str, str],
    deadline: int | None,
    ends: tuple[str, str],
) -> Chart:
    """Return one column beside the other, in order; a line stands after the column numbered `deadline`, from 0.

    `ends` are the words under the first and the last. The table behind leaves the empty ones out.
    """
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
    return Chart(
        key=key,
        title=title,
        sentence=sentence,
        height=_TOP + _PLOT + 20,
        rows=tuple(row for row in rows if row.value),
        heads=heads,
        columns=tuple(columns),
        deadline_x=None if deadline is None else round(min((deadline + 1) * step, WIDTH - 1), 1),
        first=ends[0],
        last=ends[1],
    )


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a whole is done, as a bar 360 units long."""

    key: str
    words: str
    length: float


def meter(*, key: str, done: int, whole: int, words: str) -> Meter:
    """Return the bar; nothing done of nothing is empty."""
    return Meter(key, words, round(WIDTH * min(done, whole) / whole, 1) if whole else 0.0)
