"""P3 (`docs/targets.md`): every list, filter and search at 100,000 filings beside the same at 1,000."""

import json
import os
import subprocess
import sys

from tests.benchmarks.measuring import Figure, benchmark

COUNTS_DIFFER = 100.0
"""The figure if a page has more queries at the larger size, which no ratio of times may hide."""


@benchmark("P3", title="slowest list, 100,000 filings to 1,000, p50", sign="<=", bound=1.25)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Measure in a new process, which sets Django up on servers of its own."""
    little = ["--small", "60", "--large", "120", "--repetitions", "5", "--only", "page 1"]
    sizes = little if smoke else []
    answer = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.lists_at_size", *sizes],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "intake.settings.embedded"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    pages = json.loads(answer.stdout)
    worst = max(pages, key=lambda page: page["ratio"])
    more = [page["name"] for page in pages if page["queries"][1] > page["queries"][0]]
    fewer = [page["name"] for page in pages if page["queries"][1] < page["queries"][0]]
    over = sum(page["ratio"] > 1.25 for page in pages)
    evened = sum(page["timed"] != page["rows"] for page in pages)
    note = (
        f"{len(pages)} pages, {over} over the bound; {evened} timed at as many rows;"
        f" slowest in proportion: {worst['name']} ({worst['ms'][0]:.1f} to {worst['ms'][1]:.1f} ms); "
        + (f"more queries: {', '.join(more)}" if more else "nowhere more queries")
        + (f"; fewer, of figures that are kept a while: {', '.join(fewer)}" if fewer else "")
    )
    if more:
        return Figure(COUNTS_DIFFER, worst["spread"][0], COUNTS_DIFFER, worst["runs"], note)
    return Figure(worst["ratio"], worst["spread"][0], worst["spread"][1], worst["runs"], note)
