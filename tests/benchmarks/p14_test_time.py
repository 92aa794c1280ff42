"""P14 (`docs/targets.md`): minutes of `make test`, as last recorded by `python -m tests.benchmarks.p14_test_time`."""

import argparse
import datetime as dt
import subprocess
import sys
import time
from statistics import median

from intake.devtools import embedded
from tests.benchmarks.measuring import Figure, benchmark
from tests.benchmarks.recorded import read_record, write_record

FAST_MINUTES = 3
COMMAND = "python -m tests.benchmarks.p14_test_time"


@benchmark("P14", title="minutes of make test", sign="<=", bound=8)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Return the last record: the tests are not run by the benchmarks."""
    return read_record("P14").figure()


def main() -> None:
    """Time both forms of the tests, and record them."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--runs", type=int, default=1)
    asked = parser.parse_args()
    whole = [_minutes("test") for _run in range(asked.runs)]
    fast = [_minutes("test-fast") for _run in range(asked.runs)]
    figure = figure_of(whole, fast)
    path = write_record("P14", figure, command=COMMAND, on=dt.datetime.now(tz=dt.UTC).date())
    sys.stdout.write(f"{figure.note}\n{path}\n")


def figure_of(whole: list[tuple[float, str]], fast: list[tuple[float, str]]) -> Figure:
    """Return the figure of runs, each with its minutes and the last line of pytest."""
    times = [minutes for minutes, _line in whole]
    quick = median(minutes for minutes, _line in fast)
    note = "; ".join(
        f"{name}: " + ", ".join(f"{minutes:.2f} min ({line})" for minutes, line in runs)
        for name, runs in (("make test", whole), ("make test-fast", fast))
    )
    broken = (f"make test-fast {quick:.2f} min, over {FAST_MINUTES}",) if quick > FAST_MINUTES else ()
    return Figure(median(times), min(times), max(times), len(times), note, broken=broken)


def _minutes(target: str) -> tuple[float, str]:
    """Run a target of the Makefile; return its minutes and its last line."""
    began = time.monotonic()
    answer = subprocess.run(
        ["make", target], cwd=embedded.BASE_DIR, stdout=subprocess.PIPE, text=True, check=False
    )
    lines = [line.strip("= ") for line in answer.stdout.splitlines() if line.strip()]
    return (time.monotonic() - began) / 60, lines[-1] if lines else f"exit {answer.returncode}"


if __name__ == "__main__":
    main()
