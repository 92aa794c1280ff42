"""P2 (`docs/targets.md`): ten thousand filings before a closing, faster and faster."""

import math
from typing import Any

from tests.benchmarks.arrivals import per_second
from tests.benchmarks.measuring import Figure, benchmark, measured_by
from tests.benchmarks.plots import Chart

MAIL_SECONDS, DOSSIER_SECONDS = 60, 720


@benchmark("P2", title="rush before a closing: p99 of an answer, seconds", sign="<=", bound=1)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Measure in a new process, which runs a whole portal."""
    little = (
        ["--count", "60", "--seconds", "10", "--peak", "15", "--lead", "5", "--wait", "30"] if smoke else []
    )
    return figure_of(measured_by("rush", *little))


def figure_of(found: dict[str, Any]) -> Figure:
    """Return the figure of a run: p99 of an answer, and its spread over tenths of the people."""
    filings = found["kinds"]["file"]
    filed = len(found["filed"])
    missing = filed - len(found["mails"])
    last = found["mails"][-1] if found["mails"] else math.inf
    by = math.inf if found["dossiers_done_by"] is None else found["dossiers_done_by"]
    estimated = len(found["dossiers"]) < filed
    broken = [f"{name} fell" for name in found["fell"]]
    if errors := sum(kind["errors"] for kind in found["kinds"].values()):
        broken.append(f"{errors} errors")
    if filed != found["arrived"]:
        broken.append(f"{found['arrived']} pressed in time, {filed} filed")
    if missing or last > MAIL_SECONDS:
        broken.append(f"last receipt mail {last:.0f} s after the closing, {missing} not yet sent")
    if by > DOSSIER_SECONDS:
        broken.append(f"dossiers done {by:.0f} s after the closing")
    kinds = "; ".join(
        f"{kind['count']} × {name}: answered p50 {kind['answered'][0]:.2f} s, p99 {kind['answered'][1]:.2f} s,"
        f" at most {kind['answered'][2]:.2f} s, {_in_words(kind['outcomes'])}"
        for name, kind in found["kinds"].items()
    )
    seen = filings["seen"]
    note = (
        f"{kinds}; receipt seen p50 {seen[0]:.2f} s, p99 {seen[1]:.2f} s, at most {seen[2]:.2f} s; peak"
        f" {max(found['arrivals'])} presses in a second; {filed} filed, the last"
        f" {found['filed'][-1] if filed else 0:.0f} s after the closing; {len(found['mails'])} receipt mails sent, the"
        f" last {last:.0f} s after the closing; {len(found['dossiers'])} dossiers {found['waited']:.0f} s after it, all"
        f" {'at this rate ' if estimated else ''}{by:.0f} s after it; senders {found['processor']:.1f} s of processor"
        f" time, at most {1000 * found['left']:.0f} ms late; spread over tenths"
    )
    figure = Figure(
        filings["answered"][1],
        min(filings["parts"]),
        max(filings["parts"]),
        len(filings["parts"]),
        note,
        broken=tuple(broken),
    )
    figure.pictures["rush.svg"] = chart_of(found)
    return figure


def chart_of(found: dict[str, Any]) -> str:
    """Return the presses, filings, mails and dossiers of each second, from the first press on."""
    before = found["seconds"]
    whole = int(before + found["waited"]) + 1
    lines = {
        "presses": found["arrivals"],
        "filings": per_second([before + at for at in found["filed"]], seconds=whole),
        "receipt mails": per_second([before + at for at in found["mails"]], seconds=whole),
        "dossiers": per_second([before + at for at in found["dossiers"]], seconds=whole),
    }
    title = f"{sum(found['arrivals'])} presses in {before} s before a closing"
    points = {
        name: [(float(second), float(count)) for second, count in enumerate(line)]
        for name, line in lines.items()
    }
    return Chart(title, "seconds after the first press", "a second", points).svg()


def _in_words(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
