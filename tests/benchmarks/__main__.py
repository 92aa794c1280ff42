"""Measure targets of `docs/targets.md`: `python -m tests.benchmarks [P12 …] [--only P8,P9] [--smoke]`.

Prints a table, writes one key per measured target to `build/bench.json` and the plots beside it. A target whose
measure fails is written too, with the reason: it does not hold. Exits with 0 if every target holds, 1 if one does not,
2 if no module measures a requested target.
"""

import argparse
import importlib
import json
import pkgutil
import re
import sys
import time
from dataclasses import replace
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
    parser.add_argument("--only", default="", metavar="P8,P9", help="the same, in one word")
    parser.add_argument("--out", type=Path, default=OUT, help="where the figures go, a JSON file")
    parser.add_argument("--smoke", action="store_true", help="run as little as shows that each works")
    asked = parser.parse_args(arguments)
    find_benchmarks()
    keys = [*asked.keys, *(key for key in asked.only.split(",") if key)]
    unknown = [key for key in keys if key not in measuring.BENCHMARKS]
    if unknown:
        sys.stderr.write(
            f"bench: nothing measures {', '.join(unknown)}; there is {', '.join(measuring.BENCHMARKS)}\n"
        )
        return BAD_INPUT
    sys.stdout.write(f"{measuring.machine()}\n\n")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Figure] = {}
    report: dict[str, dict[str, object]] = {}
    for key in keys or sorted(measuring.BENCHMARKS, key=order_of):
        figures[key] = _measure(measuring.BENCHMARKS[key], smoke=asked.smoke)
        report[key] = _shape(measuring.BENCHMARKS[key], figures[key])
        # After each target: the whole takes an hour, and what was measured must survive an interruption.
        asked.out.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        for name, picture in figures[key].pictures.items():
            (asked.out.parent / name).write_text(picture, encoding="utf-8")
    sys.stdout.write(_table(figures))
    hold = [measuring.BENCHMARKS[key].holds(figure) for key, figure in figures.items()]
    return HOLDS if all(hold) else DOES_NOT_HOLD


def _measure(one: Benchmark, *, smoke: bool) -> Figure:
    """Measure a target, and say how busy the machine was before it."""
    load = measuring.load()
    sys.stderr.write(f"{one.key}: {one.title}… (load {load:.2f})\n")
    began = time.monotonic()
    try:
        figure = one.measure(smoke)
    except Exception as error:  # noqa: BLE001 -- whatever one raises, the others are measured
        figure = Figure.missing(f"not measured: {type(error).__name__}: {error}")
    taken = time.monotonic() - began
    broken = "".join(f"; NOT REACHED: {bound}" for bound in figure.broken if figure.runs)
    return replace(figure, note=f"{figure.note}{broken}; load before {load:.2f}, {taken:.0f} s in all")


def find_benchmarks() -> None:
    """Import every module named after a target, so that it registers its benchmark."""
    for module in pkgutil.iter_modules(tests.benchmarks.__path__):
        if re.match(r"[pr]\d+_", module.name):
            importlib.import_module(f"tests.benchmarks.{module.name}")


def order_of(key: str) -> tuple[str, int]:
    """Return the place of a target among the others: P2 is before P10."""
    return key[0], int(key[1:])


def _shape(benchmark: Benchmark, figure: Figure) -> dict[str, object]:
    return {
        "value": _rounded(figure.value),
        "target": str(benchmark.target),
        "holds": benchmark.holds(figure),
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
        verdict = "holds" if one.holds(figure) else "DOES NOT HOLD"
        rows.append((key, one.title, f"{_rounded(figure.value):g}", spread, str(one.target), verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    notes = [f"{key}: {figure.note}" for key, figure in figures.items()]
    return "\n".join([*lines, "", *notes, ""])


if __name__ == "__main__":
    sys.exit(main())
