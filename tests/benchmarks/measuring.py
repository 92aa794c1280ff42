"""Common parts of the benchmarks: a registry, interleaved repetitions, and a figure with its spread."""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Literal

REPETITIONS = 7
PEERS_FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench"
"""Where `scripts/bench` installs the programs that we compare with."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure: the median of its repetitions, with the lowest and the highest."""

    value: float
    low: float
    high: float
    runs: int
    note: str
    broken: tuple[str, ...] = ()
    """The target's other bounds that were not reached, in words."""
    pictures: dict[str, str] = field(default_factory=dict)
    """Plots of the run, as SVG, by the names of their files."""

    @classmethod
    def of(cls, values: list[float], note: str, *, broken: tuple[str, ...] = ()) -> "Figure":
        """Return the figure of these repetitions, at least five."""
        if len(values) < 5:
            message = f"a median of {len(values)} repetitions says too little"
            raise ValueError(message)
        return cls(median(values), min(values), max(values), len(values), note, broken)

    @classmethod
    def missing(cls, reason: str) -> "Figure":
        """Return the figure of a target that could not be measured, without repetitions; it does not hold."""
        return cls(0, 0, 0, 0, reason, broken=("not measured",))


@dataclass(frozen=True, slots=True)
class Target:
    """A bound that a figure must reach, the bound included."""

    sign: Literal["<=", ">="]
    bound: float

    def holds(self, value: float) -> bool:
        """True if a figure reaches the bound."""
        return value >= self.bound if self.sign == ">=" else value <= self.bound

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"


def set_up_django() -> None:
    """Load the settings of the tests, for a benchmark that needs the portal's code and no server."""
    import django  # noqa: PLC0415 -- most benchmarks do without

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intake.settings.test")
    django.setup()


def measured_by(module: str, *options: str) -> Any:
    """Run a module of this package in a new process, which sets Django up; return the JSON of its last line."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *options]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return json.loads(said.splitlines()[-1])


def load() -> float:
    """Return the machine's load of the last minute."""
    return os.getloadavg()[0]


def machine() -> str:
    """Return the machine's processors and its load before a measure, in one line."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    return f"{os.cpu_count()} processors; load of the last 1, 5, 15 minutes: {load}"


type Measure = Callable[[bool], Figure]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One performance target; `measure(smoke)` does the minimum that shows that it works if `smoke` is true."""

    key: str
    title: str
    target: Target
    measure: Measure

    def holds(self, figure: Figure) -> bool:
        """True if a figure reaches every bound of the target."""
        return self.target.holds(figure.value) and not figure.broken


BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(
    key: str, *, title: str, sign: Literal["<=", ">="], bound: float
) -> Callable[[Measure], Measure]:
    """Register a function as the measure of a target."""

    def register(measure: Measure) -> Measure:
        if key in BENCHMARKS:
            message = f"{key} is measured twice"
            raise ValueError(message)
        BENCHMARKS[key] = Benchmark(key, title, Target(sign, bound), measure)
        return measure

    return register


def interleaved(
    contenders: Mapping[str, Callable[[], object]],
    *,
    repetitions: int = REPETITIONS,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    """Return the seconds of each contender, by repetition.

    All run in turn in every repetition, so that a noisy moment of the machine affects each of them, and every other
    repetition reverses the order. A first round warms the caches and does not count. The default clock is this
    process's own processor time: a figure per core must not count waiting.
    """
    names = list(contenders)
    times: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        contenders[name]()
    for repetition in range(repetitions):
        for name in names if repetition % 2 else reversed(names):
            gc.collect()
            start = clock()
            contenders[name]()
            times[name].append(clock() - start)
    return times
