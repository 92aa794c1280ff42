"""R15 (`docs/targets.md`): faults of a portal that runs as several machines, with a failover."""

import sys

from tests.faults.measuring import Measured, Options, measured
from tests.faults.several_machines import run, said, table

KEYS = ("R15",)
FILINGS, SMOKE_FILINGS = 36, 9  # of each rush
RATE, SMOKE_RATE = 4.0, 3.0  # filings a second


def measure(options: Options) -> dict[str, Measured]:
    """Break each part once during a rush."""
    found = run(
        options.folder / "portal",
        filings=SMOKE_FILINGS if options.smoke else FILINGS,
        rate=SMOKE_RATE if options.smoke else RATE,
        seed=options.seed,
    )
    sys.stderr.write(table(found))
    violations = found["violations"]
    return {
        "R15": measured(
            len(violations),
            "0 lost, 0 phantom, 1 receipt each",
            holds=not violations,
            note=said(found) + "".join(f"; {line}" for line in violations[:5]),
        )
    }
