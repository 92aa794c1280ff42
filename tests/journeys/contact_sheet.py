"""Put the eight looks of each page side by side: `scripts/pictures sheets`.

Each page of the tests of accessibility, after its steps, on a telephone and a wide screen, light and dark, in French
and English. Writes build/sheet/PAGE.png, whole pages at half their size, and build/sheet/index.html.
"""

import argparse
import io
import os
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PIL import Image

from intake.devtools import embedded

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.journeys.page_visit import PageVisit

FOLDER = Path(__file__).parents[2] / "build" / "sheet"
WIDTHS = (360, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
GAP = 12


def looks_of(browser: "Browser", home: str, scene: dict[str, Any], visit: "PageVisit") -> list[Image.Image]:
    """Return the whole page in its looks, narrow ones first."""
    from tests.journeys.test_pages_axe import act_on  # noqa: PLC0415 -- needs Django set up

    found: dict[tuple[int, bool, str], Image.Image] = {}
    for english in (False, True):
        context = browser.new_context(
            locale="fr-CA",
            timezone_id="America/Toronto",
            viewport={"width": WIDTHS[0], "height": 740},
            reduced_motion="reduce",  # a colour on its way to the dark one looks like a fault
        )
        cookies = [*visit.cookies(scene), *([scene["english"]] if english else [])]
        context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies])
        page = context.new_page()
        page.goto(home + visit.path(scene))
        act_on(page, visit)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                taken = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled")))
                found[width, english, scheme] = taken.convert("RGB").reduce(2)
        context.close()
    return [found[key] for key in sorted(found, key=lambda key: key[:2])]


def side_by_side(looks: list[Image.Image]) -> Image.Image:
    """Return the pictures in one row."""
    size = (sum(look.width + GAP for look in looks), max(look.height for look in looks))
    sheet, left = Image.new("RGB", size, "#888"), 0
    for look in looks:
        sheet.paste(look, (left, 0))
        left += look.width + GAP
    return sheet


def main() -> None:
    """Take the pictures with a portal of its own."""
    parser = argparse.ArgumentParser(prog="scripts/pictures sheets")
    parser.add_argument(
        "--only", nargs="+", default=[""], help="pages whose name contains one of these texts"
    )
    parser.add_argument(
        "--part", default="1/1", help="such as 2/6: the second of six equal parts of the pages"
    )
    asked = parser.parse_args()
    part, parts = map(int, asked.part.split("/"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", embedded.SETTINGS)
    import django  # noqa: PLC0415 -- needs its settings

    django.setup()
    from tests.benchmarks.first_views import portal_with_scene  # noqa: PLC0415 -- needs Django set up
    from tests.chromium import launched  # noqa: PLC0415 -- needs Django set up
    from tests.journeys.test_pages_axe import PAGES  # noqa: PLC0415 -- needs Django set up

    FOLDER.mkdir(parents=True, exist_ok=True)
    visits = [visit for visit in PAGES if any(text in str(visit) for text in asked.only)]
    with portal_with_scene() as (portal, scene), launched() as browser:
        for visit in visits[part - 1 :: parts]:
            name = re.sub(r"[^\w-]+", "-", str(visit)).strip("-")
            sheet = side_by_side(looks_of(browser, portal.url, scene, visit))
            sheet.save(FOLDER / f"{name}.png")
    sheets = sorted(path.name for path in FOLDER.glob("*.png"))
    (FOLDER / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>Pages</title>"
        + "".join(f"<h2>{escape(name)}</h2><img src='{escape(name)}' loading=lazy>" for name in sheets),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
