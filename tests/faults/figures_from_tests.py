"""Targets that a test measures: the test writes its figures when `make faults` requests them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from intake.devtools import embedded
from tests.faults.measuring import Measured, Options, measured

_FIGURES, _RUNS = "FAULTS_FIGURES", "FAULTS_RUNS"
RUNS = 5


def runs() -> int:
    """Return how often a test repeats its measure: once, unless figures are requested."""
    return int(os.environ.get(_RUNS, "1"))


def write_figures(key: str, faults: list[int], *, target: str, note: str) -> None:
    """Write the figures of a target, with the faults of each run, if they are requested."""
    if _FIGURES in os.environ:
        found = measured(
            sum(faults), target, holds=not sum(faults), note=note, values=[float(each) for each in faults]
        )
        Path(os.environ[_FIGURES]).write_text(json.dumps({key: found}), encoding="utf-8")


def measure_by_tests(key: str, path: str, options: Options) -> dict[str, Measured]:
    """Run the tests of a file and return the figures that they wrote; a failed test is a fault."""
    options.folder.mkdir(parents=True, exist_ok=True)
    figures = options.folder / "by_tests.json"
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "", "-n", "0", "-p", "no:cacheprovider", path],
        cwd=embedded.BASE_DIR,
        env=os.environ | {_FIGURES: str(figures), _RUNS: "1" if options.smoke else str(RUNS)},
        check=False,
    )
    if not figures.exists():
        return {key: measured(1, "0 faults", holds=False, note=f"{path} failed before it wrote its figures")}
    found: dict[str, Measured] = json.loads(figures.read_text(encoding="utf-8"))
    if answer.returncode:
        found[key]["holds"] = False
        found[key]["note"] += f"; {path} failed"
    return found
