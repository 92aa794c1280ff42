"""Weigh the first view of every public and candidate page: `python -m tests.benchmarks.first_views [--only TEXT]`.

Starts a portal as `make run` does, with the scene of the tests of pages. Chromium opens each page in a window of 360
CSS pixels without its cache. A table goes to standard error, one JSON array to standard output: for each page its
bytes as sent, by type, in each repetition; the addresses of other sites that it asked; and what it lacks without
JavaScript: links, fields and buttons that send a form.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from intake.devtools import embedded

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.journeys.page_visit import PageVisit
    from tests.journeys.portal import Portal

REPETITIONS = 5
_TYPES = {"Document": "HTML", "Stylesheet": "CSS", "Script": "JS", "Image": "images", "Font": "fonts"}
_OFFERED = """() => [...document.querySelectorAll("main a[href], main [name], main button:not([type=button])")]
    .filter(element => element.checkVisibility() && !element.closest("[data-passkey]"))
    .map(element => `${element.localName} ${element.name || element.getAttribute("href") || element.textContent}`)"""
"""What a page lets its reader do, but for passkeys, which only a script can ask of a browser (Web Authentication).

A script may add buttons of its own, which send nothing.
"""


@contextmanager
def portal_with_scene() -> Iterator[tuple["Portal", dict[str, Any]]]:
    """Run a portal with the objects of the tests of pages."""
    from tests.journeys.portal import running  # noqa: PLC0415 -- needs Django set up

    with tempfile.TemporaryDirectory(prefix="intake-views-") as folder, running(Path(folder)) as portal:
        yield portal, portal.made_by("from tests.journeys.scene import make_scene; make_scene()")


def first_visits(only: str) -> list["PageVisit"]:
    """Return the public and the candidate's pages whose name contains `only`, each as it is first shown."""
    from tests.journeys.test_pages_axe import CANDIDATES, PUBLIC  # noqa: PLC0415 -- needs Django set up

    return [visit for visit in (*PUBLIC, *CANDIDATES) if visit.act is None and only in str(visit)]


def weigh(
    browser: "Browser", url: str, scene: dict[str, Any], visit: "PageVisit", times: int
) -> dict[str, Any]:
    """Open a page `times` times, and once without JavaScript; return its figures."""
    from tests.journeys.first_view import first_view  # noqa: PLC0415 -- needs Django set up

    views = []
    with _window(browser, url, scene, visit, javascript=True) as page:
        for _time in range(times):
            with first_view(page) as view:
                page.goto(url + visit.path(scene), wait_until="networkidle")
            views.append(view)
        offered = set(page.evaluate(_OFFERED))
    with _window(browser, url, scene, visit, javascript=False) as page:
        page.goto(url + visit.path(scene))
        missing = offered - set(page.evaluate(_OFFERED))
    return {
        "name": str(visit),
        "weights": [view.weight for view in views],
        "types": {name: median(view.by_type[kind] for view in views) for kind, name in _TYPES.items()},
        "foreign": sorted(
            {address for view in views for address in view.by_address if not address.startswith(url)}
        ),
        "missing": sorted(missing),
    }


@contextmanager
def _window(
    browser: "Browser", url: str, scene: dict[str, Any], visit: "PageVisit", *, javascript: bool
) -> Iterator["Page"]:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=javascript, locale="fr-CA"
    )
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in visit.cookies(scene)])
    yield context.new_page()
    context.close()


def table(pages: list[dict[str, Any]]) -> str:
    """Return the figures in KB as a table of Markdown, the heaviest page first."""
    lines = [f"| page | total | {' | '.join(_TYPES.values())} |", "|---|---|" + "---|" * len(_TYPES)]
    for page in sorted(pages, key=lambda page: -max(page["weights"])):
        cells = [median(page["weights"]), *(page["types"][name] for name in _TYPES.values())]
        lines.append(f"| {page['name']} | {' | '.join(f'{cell / 1000:.1f}' for cell in cells)} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Weigh the pages."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="pages whose name contains this text")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", embedded.SETTINGS)
    import django  # noqa: PLC0415 -- needs its settings

    django.setup()
    from tests.chromium import launched  # noqa: PLC0415 -- needs Django set up

    with portal_with_scene() as (portal, scene), launched() as browser:
        pages = [
            weigh(browser, portal.url, scene, visit, asked.repetitions) for visit in first_visits(asked.only)
        ]
    sys.stderr.write(table(pages))
    sys.stdout.write(json.dumps(pages, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
