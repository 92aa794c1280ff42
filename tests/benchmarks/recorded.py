"""Figures that take too long for each run of `make bench`: measured by a command of their own, kept with their date.

One JSON file per target in `recorded/`, which the command writes and `make bench` reads.
"""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.measuring import Figure, machine

FOLDER = Path(__file__).with_name("recorded")


@dataclass(frozen=True, slots=True)
class Record:
    """A figure, the day on which it was measured, and the command that measured it."""

    on: str
    command: str
    value: float
    low: float
    high: float
    runs: int
    note: str
    broken: tuple[str, ...] = ()
    """Other bounds of the target that were not reached, in words."""

    def figure(self) -> Figure:
        """Return the figure, which says that it was not measured in this run."""
        note = f"{self.note}; recorded on {self.on} by `{self.command}`"
        return Figure(self.value, self.low, self.high, self.runs, note, broken=tuple(self.broken))


def read_record(key: str, *, folder: Path = FOLDER) -> Record:
    """Return the last record of a target.

    :raises OSError: if there is none.
    """
    return Record(**json.loads((folder / f"{key}.json").read_text(encoding="utf-8")))


def write_record(key: str, figure: Figure, *, command: str, on: dt.date, folder: Path = FOLDER) -> Path:
    """Keep a figure as the last record of a target; return its file."""
    record = Record(
        on.isoformat(),
        command,
        round(figure.value, 3),
        round(figure.low, 3),
        round(figure.high, 3),
        figure.runs,
        f"{figure.note}; {machine()}",
        figure.broken,
    )
    path = folder / f"{key}.json"
    path.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
