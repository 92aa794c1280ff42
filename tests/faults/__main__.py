"""Measure targets of `docs/targets.md` by faults: `python -m tests.faults [--kills N] [--seed S] [--only R2,R3] …`.

Also `[--out build/faults.json] [--smoke]`. Each module named after a target (`r03_….py`) lists in `KEYS` the targets
it measures, and measures them in `measure(options)`. Prints a table and writes one key per measured target. Exits
with 0 if every target holds, 1 if one does not, 2 if no module measures a requested target.
"""

import argparse
import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tests.faults
from intake.devtools import embedded
from tests.faults.measuring import Measured, measured

ROOT = Path(__file__).parents[2]
OUT = ROOT / "build" / "faults.json"
SMOKE_OUT = ROOT / "build" / "faults.smoke.json"
HOLDS, DOES_NOT_HOLD, BAD_INPUT = 0, 1, 2
LANES = len(os.sched_getaffinity(0))  # a portal per core: more would measure how they wait for one another
KILLS = 1000


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="make faults", description="Measure the targets of reliability.")
    parser.add_argument("--kills", type=int, default=KILLS, help="how many kills R1 takes (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="of the schedule of kills (default: 1)")
    parser.add_argument(
        "--lanes", type=int, default=LANES, help="portals killed side by side (default: one per core)"
    )
    parser.add_argument("--only", default="", metavar="R2,R3", help="some targets; all by default")
    parser.add_argument("--out", type=Path, help="where the figures go, a JSON file")
    parser.add_argument("--smoke", action="store_true", help="as little as shows that each works")
    asked = parser.parse_args(arguments)
    modules = measuring_modules()
    known = [key for keys in modules.values() for key in keys]
    wanted = [key for key in asked.only.split(",") if key] or known
    unknown = [key for key in wanted if key not in known]
    if unknown or asked.kills < 1 or asked.lanes < 1:
        sys.stderr.write(
            f"faults: nothing measures {', '.join(unknown)}; there is {', '.join(sorted(known, key=_number))}\n"
            if unknown
            else "faults: --kills and --lanes are 1 or more\n"
        )
        return BAD_INPUT
    found: dict[str, Measured] = {}
    for module, keys in modules.items():
        if not set(keys).isdisjoint(wanted):
            found |= _measure(module, keys, asked)
    found = {key: found[key] for key in sorted(found, key=_number)}
    out: Path = asked.out or (SMOKE_OUT if asked.smoke else OUT)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(table(found))
    return HOLDS if all(one["holds"] for one in found.values()) else DOES_NOT_HOLD


def measuring_modules() -> dict[str, tuple[str, ...]]:
    """Return the modules that measure targets, with their keys, sorted by name."""
    names = [
        found.name
        for found in pkgutil.iter_modules(tests.faults.__path__)
        if re.match(r"[rsu]\d\d_", found.name)
    ]
    return {name: importlib.import_module(f"tests.faults.{name}").KEYS for name in sorted(names)}


def _measure(module: str, keys: tuple[str, ...], asked: argparse.Namespace) -> dict[str, Measured]:
    sys.stderr.write(f"{', '.join(keys)}: {module}, seed {asked.seed}…\n")
    began = time.monotonic()
    # The folder stays after a failure: it contains the logs of the portal's processes.
    folder = Path(tempfile.mkdtemp(prefix=f"intake-faults-{module}-"))
    command = [sys.executable, "-m", "tests.faults.single_target", module, "--folder", str(folder)]
    command += ["--kills", str(asked.kills), "--seed", str(asked.seed), "--lanes", str(asked.lanes)]
    command += ["--smoke"] if asked.smoke else []
    answer = subprocess.run(command, cwd=embedded.BASE_DIR, check=False)
    sys.stderr.write(f"{', '.join(keys)}: {time.monotonic() - began:.0f} s; logs in {folder}\n")
    if answer.returncode:
        note = f"could not be measured (exit {answer.returncode}); logs in {folder}"
        return {key: measured(0, "to be measured", holds=False, note=note) for key in keys}
    found: dict[str, Measured] = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    return found


def table(found: dict[str, Measured]) -> str:
    """Return a table of the figures: a line each, then their notes."""
    rows = [("", "value", "spread", "runs", "", "target")]
    for key, one in found.items():
        low, high = one["spread"]
        verdict = "holds" if one["holds"] else "DOES NOT HOLD"
        rows.append(
            (key, f"{one['value']:g}", f"{low:g} to {high:g}", str(one["runs"]), verdict, one["target"])
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    notes = [f"{key}: {one['note']}" for key, one in found.items()]
    return "\n".join([*lines, "", *notes, ""])


def _number(key: str) -> tuple[str, int]:
    return key[0], int(key[1:])


if __name__ == "__main__":
    sys.exit(main())
