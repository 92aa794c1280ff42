"""P1 (`docs/targets.md`): a filing over HTTP beside pgbench with the same writes."""

from statistics import median
from typing import Any

from tests.benchmarks.measuring import Figure, benchmark, measured_by

AT_EIGHT, MAX_STATEMENTS = 0.03, 12


@benchmark("P1", title="filings a second to pgbench's, the same writes, one client", sign=">=", bound=0.05)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Measure in a new process, which runs a whole portal."""
    little = ["--part", "0.1", "--repetitions", "5"] if smoke else []
    return figure_of(measured_by("filing_beside_pgbench", *little))


def figure_of(found: dict[str, Any]) -> Figure:
    """Return the figure of a run; the ratio at eight clients and the statements are bounds of the target too."""
    ratios = {
        clients: [one["filings"] / one["pgbench"] for one in taken]
        for clients, taken in found["rates"].items()
    }
    at_eight, statements = median(ratios["8"]), found["statements"]
    broken = []
    if at_eight < AT_EIGHT:
        broken.append(f"{at_eight:.3f} at eight clients, under {AT_EIGHT:g}")
    if statements > MAX_STATEMENTS:
        broken.append(f"{statements:g} statements, over {MAX_STATEMENTS}")
    rates = "; ".join(
        f"{clients} clients: {median(one['filings'] for one in taken):.0f} filings and"
        f" {median(one['pgbench'] for one in taken):.0f} transactions a second, ratio {median(ratios[clients]):.3f}"
        f" ({min(ratios[clients]):.3f} to {max(ratios[clients]):.3f}), processor time of the senders"
        f" {sum(one['processor'] for one in taken):.2f} s, of pgbench"
        f" {sum(one['pgbench_processor'] for one in taken):.2f} s"
        for clients, taken in found["rates"].items()
    )
    note = (
        f"{rates}; {statements:g} statements a filing; {sum(found['rows'].values())} rows of {len(found['rows'])}"
        f" tables written by each; fsync {found['settings']['fsync']}"
    )
    return Figure.of(ratios["1"], note, broken=tuple(broken))
