"""Change the product, one bug at a time, and list those that no test detects: `python -m tests.mutants`.

By default (`make mutants`) 200 changes, drawn with a seed that is printed; `--changed` takes those of the lines that
the working tree changes. Prints a table and writes build/mutants.json. Exits with 0 if each change is detected by a
test or argued in docs/mutants.md, 1 if one is not, 2 for an invalid request.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg

from tests.mutants import coverage_map, population, report
from tests.mutants.changes import Mutant
from tests.mutants.runner import MutantRunner
from tests.mutants.selection import MutantTestSelector
from tests.mutants.workers import Worker

ROOT = Path(__file__).parents[2]
OUT = ROOT / "build" / "mutants.json"
ROLE = "intake_app"
CORES = len(os.sched_getaffinity(0))
GOOD, SURVIVORS, BAD_INPUT = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    asked = _parser().parse_args(arguments)
    for stopping in (signal.SIGINT, signal.SIGTERM):  # the changes tested so far are reported
        signal.signal(stopping, signal.default_int_handler)
    if asked.sample < 1 or asked.workers < 1:
        return _refuse("--sample and --workers are 1 or more")
    if asked.map:
        folder = coverage_map.record(asked.workers)
        coverage_map.add_up(folder, _commit())
    elif not coverage_map.FILE.exists():
        return _refuse(
            "no map of which test executes what: `make mutants MAP=1` makes one, in as long as the tests take"
        )
    known = coverage_map.Map()
    if asked.map:
        _say(f"The map knows {len(known.seconds)} tests that pass; {len(known.failed)} failed.\n")
        return GOOD
    _say(f"The map is of {known.commit[:12]}; the tree stands at {_commit()[:12]}.\n")
    start = time.monotonic()
    with MutantRunner(MutantTestSelector(known), asked.workers) as judge:
        with judge.workers[0].connect() as connection:
            mutants = population.of_files() + population.of_the_database(connection, ROLE)
        mutants = [
            one
            for one in mutants
            if f"{population.package(one)}/".startswith(asked.package) or one.path.startswith(asked.package)
        ]
        if not mutants:
            return _refuse(f"there is no package {asked.package}")
        counts = Counter(population.package(one) for one in mutants)
        said: dict[str, object] = {"commit": _commit(), "map": known.commit}
        if asked.changed:
            base, words = population.base_of_the_change()
            mutants = list(population.touched(mutants, population.changed_lines(base)))
            _say(f"{len(mutants)} mutants of the lines that differ from {words}, {base[:12]}.\n")
            said["base"] = base
        if not asked.changed or len(mutants) > asked.sample:
            seed = random.SystemRandom().randrange(100_000) if asked.seed is None else asked.seed
            _say(f"{asked.sample} of {len(mutants)} mutants, drawn by the seed {seed}.\n")
            said["seed"] = seed
            mutants = population.drawn(
                mutants, asked.sample, seed, lambda one: _is_possible(one, judge.workers[0])
            )
        else:
            mutants = [one for one in mutants if _is_possible(one, judge.workers[0])]
        found = judge.judge(mutants)
    report.write(asked.out, found, counts, said | {"seconds": round(time.monotonic() - start)})
    sys.stdout.write(report.table(found, counts))
    return SURVIVORS if report.unargued(found) else GOOD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make mutants", description="Mutation testing of the whole product."
    )
    parser.add_argument(
        "--sample", type=int, default=200, help="how many mutants are judged at most (default: 200)"
    )
    parser.add_argument("--seed", type=int, help="which ones are drawn; a new one each time by default")
    parser.add_argument(
        "--changed", action="store_true", help="those of the lines that the working tree changes"
    )
    parser.add_argument("--package", default="", help="such as intake/review, templates/review or database")
    parser.add_argument("--map", action="store_true", help="record which test executes what, and stop")
    parser.add_argument(
        "--workers", type=int, default=CORES, help="judged side by side (default: one per core)"
    )
    parser.add_argument("--out", type=Path, default=OUT, help="where the result goes, a JSON file")
    return parser


def _is_possible(mutant: Mutant, worker: Worker) -> bool:
    """True if Python can parse a mutant, or PostgreSQL can apply it."""
    if not mutant.is_sql:
        return population.is_written_well(mutant)
    with worker.connect() as connection:
        connection.autocommit = False
        try:
            connection.execute(mutant.text.encode())
        except psycopg.Error:
            return False
        finally:
            connection.rollback()
    return True


def _commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def _refuse(message: str) -> int:
    _say(f"mutants: {message}\n")
    return BAD_INPUT


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
