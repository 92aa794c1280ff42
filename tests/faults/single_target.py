"""Measure one module's targets in a new process, because Django can be set up for one portal only.

`python -m tests.faults.single_target r03_broker_wiped --kills N --seed S --lanes L --folder DIR [--smoke]`; writes
the figures to `figures.json` in the folder.
"""

import argparse
import importlib
import json
from pathlib import Path

from tests.faults.measuring import Options


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.single_target")
    parser.add_argument("module")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=1)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smoke", action="store_true")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    module = importlib.import_module(f"tests.faults.{asked.module}")
    options = Options(
        kills=asked.kills, seed=asked.seed, lanes=asked.lanes, smoke=asked.smoke, folder=asked.folder
    )
    found = module.measure(options)
    (asked.folder / "figures.json").write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
