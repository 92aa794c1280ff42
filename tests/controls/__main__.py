"""Remove the security controls, one at a time, and run the tests that must then fail: `scripts/controls`.

Each control of `tests/controls/table.py` is removed from a copy of the repository, which has servers of its own. A
control is killed if one of its tests fails, and each test that failed passes in the end without any change. Prints one
line for each, and adds them to build/controls.txt; `--record` writes the lines of that file to docs/controls.md. Exits
with 0 if all are killed, 1 if one survived, 2 for an invalid request.
"""

import argparse
import re
import sys
import time
from pathlib import Path

from tests.controls.control import Control, removed
from tests.controls.page import KILLED, PAGE, lines_of, rewritten
from tests.controls.table import CONTROLS
from tests.mutants.forkserver import PASSED
from tests.mutants.workers import Worker, worker

OUT = Path(__file__).parents[2] / "build" / "controls.txt"
GOOD, SURVIVORS, BAD_INPUT = 0, 1, 2
SECONDS = 300
"""Limit of the tests of one control, on a busy machine."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="scripts/controls", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="controls whose name or file contains this text")
    parser.add_argument("--part", default="1/1", help="such as 2/4: the second quarter of them")
    parser.add_argument("--missing", action="store_true", help="those that no earlier run killed")
    parser.add_argument(
        "--record", action="store_true", help="write the lines of earlier runs to the page, and stop"
    )
    asked = parser.parse_args(arguments)
    if asked.record:
        PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), _kept()), encoding="utf-8")
        return GOOD
    part = re.fullmatch(r"([1-9]\d?)/([1-9]\d?)", asked.part)
    chosen = [one for one in CONTROLS if asked.only in f"{one.name} {one.path}"]
    if part is None or int(part[1]) > int(part[2]):
        sys.stderr.write("controls: --part is such as 2/4\n")
        return BAD_INPUT
    chosen = chosen[int(part[1]) - 1 :: int(part[2])]
    if asked.missing:
        kept = _kept()
        chosen = [one for one in chosen if not kept.get(one.name, "").startswith(KILLED)]
    if not chosen:
        sys.stderr.write("controls: none is left, or no name or path contains this text\n")
        return BAD_INPUT
    with worker() as one:
        killers = {control.name: _judge(one, control) for control in chosen}
        failing = [
            test
            for fresh in (False, True)
            for test in _failing_unchanged(
                one,
                [killers[each.name] for each in chosen if each.makes_the_database == fresh],
                fresh=fresh,
            )
        ]
    survivors = [name for name, test in killers.items() if not test or test in failing]
    for name in survivors:
        if test := killers[name]:
            _tell(f"survived   0.0 s  {name}  {test} fails without any change too")
    sys.stdout.write(f"{len(chosen) - len(survivors)} of {len(chosen)} killed\n")
    return SURVIVORS if survivors else GOOD


def _judge(one: Worker, control: Control) -> str:
    """Return the first test that fails without a control; an empty text if none does."""
    start = time.monotonic()
    with one.changed(None), removed(control, one.tree):
        answer = one.run(list(control.tests), [], seconds=SECONDS, fresh=control.makes_the_database)
    test = next((name for name in answer.failures if "::" in name), "")
    is_killed = answer.outcome != PASSED and bool(test)
    told = f"{test}  {_reason(one.log)}" if is_killed else f"{answer.outcome}, {answer.ran} tests ran"
    seconds = time.monotonic() - start
    _tell(f"{KILLED if is_killed else 'survived'} {seconds:5.1f} s  {control.name}  {told}".rstrip())
    return test if is_killed else ""


def _tell(line: str) -> None:
    """Print a raw line, and keep it for `--record`."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    with OUT.open("a", encoding="utf-8") as out:
        out.write(f"{line}\n")


def _reason(log: Path) -> str:
    """Return the first line in which pytest says why a test failed."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    first = next((line for line in lines if re.match(r"E\s", line)), "")
    return " ".join(first.split())[:160].replace("`", "'")


def _failing_unchanged(one: Worker, tests: list[str], *, fresh: bool) -> list[str]:
    """Return those of some tests, empty names left out, that fail without any change, in the same kind of database."""
    killing = sorted({*tests} - {""})
    if not killing:
        return []
    with one.changed(None):
        return one.run(killing, [], seconds=SECONDS, fresh=fresh, all_of=True).failures


def _kept() -> dict[str, str]:
    """Return the last line of each control, of the page and then of this machine's runs."""
    ran = lines_of(OUT.read_text(encoding="utf-8")) if OUT.exists() else {}
    return lines_of(PAGE.read_text(encoding="utf-8")) | ran


if __name__ == "__main__":
    sys.exit(main())
