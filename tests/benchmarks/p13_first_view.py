"""P13 (`docs/targets.md`): weight of the first view of a candidate's page, its third parties, and JavaScript."""

from tests.benchmarks.measuring import Figure, benchmark, measured_by

DEPENDS_ON_OTHERS = 1000.0
"""The figure if a page asks a third party, or lacks something without JavaScript, which no weight may hide."""


@benchmark("P13", title="heaviest first view, KB as sent, fonts excluded", sign="<=", bound=60)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Measure in a new process, which sets Django up, beside a portal of its own."""
    only = ["--only", "offers:"] if smoke else []
    pages = measured_by("first_views", *only)
    heaviest = max(pages, key=lambda page: max(page["weights"]))
    weights = sorted(weight / 1000 for weight in heaviest["weights"])
    faults = [f"{page['name']}: {fault}" for page in pages for fault in (*page["foreign"], *page["missing"])]
    lightest = min(min(page["weights"]) for page in pages) / 1000
    note = (
        f"{len(pages)} pages, from {lightest:.1f} KB; heaviest: {heaviest['name']}; "
        f"third parties, or missing without JavaScript: {'; '.join(faults) or 'none'}"
    )
    if faults:
        return Figure(DEPENDS_ON_OTHERS, weights[0], DEPENDS_ON_OTHERS, len(weights), note)
    return Figure.of(weights, note)
