"""Measure targets of `docs/targets.md`: `python -m tests.benchmarks [P12 …] [--out build/bench.json] [--smoke]`.

Prints a table, and writes one key per measured target. Exits with 0 if every target holds, 1 if one does not, 2 if no
module measures a requested target.
"""

import argparse
import importlib
import json
import pkgutil
import re
import sys
from pathlib import Path

import tests.benchmarks
from tests.benchmarks import measuring
from tests.benchmarks.measuring import Benchmark, Figure

OUT = Path(__file__).parents[2] / "build" / "bench.json"
HOLDS, DOES_NOT_HOLD, BAD_INPUT = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the targets of performance.")
    parser.add_argument("keys", nargs="*", metavar="TARGET", help="P1, P2…; all that are measured by default")
    parser.add_argument("--out", type=Path, default=OUT, help="where the figures go, a JSON file")
    parser.add_argument("--smoke", action="store_true", help="run as little as shows that each works")
    asked = parser.parse_args(arguments)
    find_benchmarks()
    unknown = [key for key in asked.keys if key not in measuring.BENCHMARKS]
    if unknown:
        sys.stderr.write(
            f"bench: nothing measures {', '.join(unknown)}; there is {', '.join(measuring.BENCHMARKS)}\n"
        )
        return BAD_INPUT
    sys.stdout.write(f"{measuring.machine()}\n\n")
    figures: dict[str, Figure] = {}
    for key in asked.keys or sorted(measuring.BENCHMARKS, key=_number):
        sys.stderr.write(f"{key}: {measuring.BENCHMARKS[key].title}…\n")
        figures[key] = measuring.BENCHMARKS[key].measure(asked.smoke)
    report = {key: _shape(measuring.BENCHMARKS[key], figure) for key, figure in figures.items()}
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(_table(figures))
    return (
        HOLDS
        if all(measuring.BENCHMARKS[key].target.holds(one.value) for key, one in figures.items())
        else DOES_NOT_HOLD
    )


def find_benchmarks() -> None:
    """Import every module named after a target, so that it registers its benchmark."""
    for module in pkgutil.iter_modules(tests.benchmarks.__path__):
        if re.match(r"p\d+_", module.name):
            importlib.import_module(f"tests.benchmarks.{module.name}")


def _number(key: str) -> int:
    return int(key.removeprefix("P"))


def _shape(benchmark: Benchmark, figure: Figure) -> dict[str, object]:
    return {
        "value": _rounded(figure.value),
        "target": str(benchmark.target),
        "holds": benchmark.target.holds(figure.value),
        "spread": [_rounded(figure.low), _rounded(figure.high)],
        "runs": figure.runs,
        "note": figure.note,
    }


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _table(figures: dict[str, Figure]) -> str:
    rows = [("", "what", "median", "spread", "target", "")]
    for key, figure in figures.items():
        one = measuring.BENCHMARKS[key]
        spread = f"{_rounded(figure.low):g} to {_rounded(figure.high):g}"
        verdict = "holds" if one.target.holds(figure.value) else "DOES NOT HOLD"
        rows.append((key, one.title, f"{_rounded(figure.value):g}", spread, str(one.target), verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    notes = [f"{key}: {figure.note}" for key, figure in figures.items()]
    return "\n".join([*lines, "", *notes, ""])


if __name__ == "__main__":
    sys.exit(main())
