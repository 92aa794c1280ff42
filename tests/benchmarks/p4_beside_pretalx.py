"""P4 (`docs/targets.md`): a staff list beside pretalx's with as many rows.

pretalx is installed by hand, in an environment of its own: see `docs/beside-pretalx.md`. If it runs, `BENCH_PRETALX`
has the arguments of `beside_pretalx`; without it, the figure is the last one that was recorded.
"""

import os
import shlex

from tests.benchmarks import beside_pretalx
from tests.benchmarks.measuring import Figure, benchmark
from tests.benchmarks.recorded import read_record


@benchmark("P4", title="wait for pretalx's list to the wait for ours", sign=">=", bound=10)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Compare both if both run, else return the record."""
    given = os.environ.get("BENCH_PRETALX", "")
    if (
        given
        and not smoke
        and beside_pretalx.main([*shlex.split(given), "--record"]) == beside_pretalx.BAD_INPUT
    ):
        message = "the pages of BENCH_PRETALX cannot be compared"
        raise RuntimeError(message)
    return read_record("P4").figure()
