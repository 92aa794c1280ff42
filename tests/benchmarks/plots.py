"""Line charts as SVG: the same figures give the same bytes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH, HEIGHT = 860, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 46, 78
COLOURS: Final = ("#095797", "#cb381f", "#4a7a29", "#8a5a00")  # each 4.5:1 on white
DASHES: Final = ("", "7 4", "2 3", "10 3 2 3")
"""Of the lines, so that their colours are not the only difference."""

type Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its title, the names of its axes and its lines by name."""

    title: str
    across: str
    up: str
    lines: Mapping[str, Points]

    def svg(self) -> str:
        """Return the chart."""
        points = [point for line in self.lines.values() for point in line]
        widest = max((x for x, _y in points), default=1.0) or 1.0
        step = step_of(max((y for _x, y in points), default=1.0))
        highest = step * max(1, math.ceil(max((y for _x, y in points), default=1.0) / step))
        plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

        def across(x: float) -> float:
            return LEFT + plot_width * x / widest

        def up(y: float) -> float:
            return TOP + plot_height * (1 - y / highest)

        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            f"<title>{escape(self.title)}</title>",
            '<g font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            _text(LEFT, 20, self.title, weight="bold"),
            _text(LEFT, 38, self.up),
            _text(LEFT + plot_width / 2, TOP + plot_height + 34, self.across, anchor="middle"),
        ]
        for rank in range(round(highest / step) + 1):
            y = up(rank * step)
            parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd" fill="none"/>')
            parts.append(_text(LEFT - 6, y + 4, f"{rank * step:g}", anchor="end"))
        for rank in range(int(widest // step_of(widest)) + 1):
            x = across(rank * step_of(widest))
            parts.append(_text(x, TOP + plot_height + 16, f"{rank * step_of(widest):g}", anchor="middle"))
        for rank, (name, line) in enumerate(self.lines.items()):
            style = f'stroke="{COLOURS[rank % len(COLOURS)]}" stroke-dasharray="{DASHES[rank % len(DASHES)]}"'
            drawn = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in line)
            parts.append(f'<polyline points="{drawn}" fill="none" stroke-width="1.5" {style}/>')
            x = LEFT + rank * plot_width / len(self.lines)
            parts.append(f'<path d="M{x:.1f} {HEIGHT - 14}h24" stroke-width="2" fill="none" {style}/>')
            parts.append(_text(x + 30, HEIGHT - 10, name))
        return "\n".join([*parts, "</g>", "</svg>", ""])


def step_of(highest: float) -> float:
    """Return the distance between the lines of an axis: 1, 2 or 5 times a power of ten, for four to ten of them."""
    power = 10.0 ** math.floor(math.log10(max(highest, 1e-9) / 4))
    return next(power * times for times in (1, 2, 5, 10) if highest / (power * times) <= 10)


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="#223">'
        f"{escape(text)}</text>"
    )
