"""R14 (`docs/targets.md`): filings a second at four times the best sustained rate, beside that rate."""

from statistics import fmean
from typing import Any

from tests.benchmarks.measuring import Figure, benchmark, measured_by
from tests.benchmarks.plots import Chart

AT, MAX_ANSWER = 4, 1.0
WINDOW = 5  # seconds


@benchmark("R14", title="filings a second at four times the best rate, to that rate", sign=">=", bound=0.9)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Measure in a new process, which runs a whole portal."""
    small = ["--seconds", "5", "--best-seconds", "1", "--fastest", "120"]
    little = [*small, "--factors", "1,4", "--patience", "15"] if smoke else []
    return figure_of(measured_by("capacity", *little))


def figure_of(found: dict[str, Any]) -> Figure:
    """Return the figure of a run. Its repetitions are windows of five seconds of the overload, or its seconds."""
    best, steps = found["best"], found["steps"]
    (overloaded,) = (step for step in steps if step["factor"] == AT)
    window = WINDOW if found["seconds"] >= 5 * WINDOW else 1
    done = overloaded["done"]
    ratios = [fmean(done[first : first + window]) / best for first in range(0, len(done), window)]
    broken = [f"{name} fell" for name in found["fell"]]
    if overloaded["answered"][1] > MAX_ANSWER:
        broken.append(f"p99 of an answer {overloaded['answered'][1]:.2f} s at {AT} times")
    by_rate = "; ".join(
        f"{step['factor']}×: {sum(step['arrivals'])} arrivals, {sum(step['done']) / found['seconds']:.0f} filings a"
        f" second, an answer p50 {step['answered'][0]:.2f} s, p99 {step['answered'][1]:.2f} s, a receipt seen p50"
        f" {step['seen'][0]:.2f} s, p99 {step['seen'][1]:.2f} s, {step['errors']} errors"
        f" ({_in_words(step['outcomes'])}), senders {step['processor']:.1f} s of processor time, at most"
        f" {1000 * step['left']:.0f} ms late"
        for step in steps
    )
    rates = ", ".join(f"{rate:.0f} with {clients} clients" for clients, rate in found["rates"].items())
    fastest = max(found["rates"].values())
    note = (
        f"best {best:.1f} a second with the mails of their receipts, which fall behind at the {fastest:.0f} of clients"
        f" who file one after the other ({rates}); {by_rate}; at {AT} times {fmean(done) / fastest:.2f} of those"
    )
    figure = Figure.of(ratios, note, broken=tuple(broken))
    figure.pictures["capacity.svg"] = chart_of(found)
    return figure


def chart_of(found: dict[str, Any]) -> str:
    """Return the arrivals and the filings of each second, the multiples one after the other."""
    lines = {
        name: [
            (float(rank * found["seconds"] + second), float(count))
            for rank, step in enumerate(found["steps"])
            for second, count in enumerate(step[key])
        ]
        for name, key in (("arrivals", "arrivals"), ("filings done", "done"))
    }
    factors = ", ".join(f"{step['factor']}" for step in found["steps"])
    title = f"Filings at {factors} times the best rate, {found['seconds']} s each"
    return Chart(title, "seconds", "a second", lines).svg()


def _in_words(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
