"""Inspect the whole corpus, each file in its own process, and print the results by family as a table in Markdown.

`python -m tests.documents.corpus [FAMILY]`; exit code 1 if a result differs from what it should be.
"""

import os
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

import django

from intake.documents.child.limits import INSPECTION

if TYPE_CHECKING:
    from .running import Outcome

_HEAD = (
    "| | family | files | refused | accepted, cleaned | wrong | most CPU |\n|---|---|---|---|---|---|---|\n"
)


def main(only: str) -> int:
    """Inspect the cases whose name contains `only`; return the number of faults."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intake.settings.test")
    django.setup()
    from .running import run  # noqa: PLC0415 -- it needs the settings
    from .table import CASES  # noqa: PLC0415 -- the same as above: it imports models

    families: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for case in CASES:
        if only in case.id:
            outcome = run(case)
            kind = "honest" if case.is_honest else "hostile"
            families[kind, case.family].append(outcome)
            if outcome.faults:
                sys.stderr.write(f"{case.id}: {'; '.join(outcome.faults)}\n")
    sys.stdout.write(_HEAD)
    for (kind, family), outcomes in families.items():
        sys.stdout.write(_row(kind, family, outcomes))
    every = [outcome for outcomes in families.values() for outcome in outcomes]
    sys.stdout.write(_row("", "**all**", every))
    memory = INSPECTION.address_space_bytes // 1024**2
    sys.stdout.write(f"\nEach process is refused more than {memory} MiB of address space.\n")
    return sum(len(outcome.faults) for outcome in every)


def _row(kind: str, family: str, outcomes: "list[Outcome]") -> str:
    accepted = sum(outcome.code == "ACCEPTED" for outcome in outcomes)
    wrong = sum(bool(outcome.faults) for outcome in outcomes)
    most = max((outcome.cpu_seconds for outcome in outcomes), default=0)
    counts = f"{len(outcomes)} | {len(outcomes) - accepted} | {accepted} | {wrong}"
    return f"| {kind} | {family} | {counts} | {most:.1f} s |\n"


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1] if len(sys.argv) > 1 else "") else 0)
