"""Take the pictures of the README: `scripts/pictures` runs a portal with a demonstration, and writes docs/pictures/."""

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.chromium import launched
from tests.journeys.portal import ROOT, running

FOLDER = ROOT / "docs" / "pictures"
COLOURS = 128
PDF_VIEWER_MILLISECONDS = 4000  # the viewer says nothing when it has drawn


@dataclass(frozen=True, slots=True)
class Picture:
    """Window of a picture: CSS pixels, device pixels for each, and the element that is scrolled to its top."""

    width: int
    height: int
    scale: int = 1
    top: str = "body"


PICTURES = {
    "candidate": Picture(360, 740, scale=2, top="h1"),
    "reviewer": Picture(1280, 900, top="#appreciation"),
    "staff": Picture(1280, 850),
}


def take(browser: Browser, picture: Picture, url: str, cookie: tuple[str, str]) -> bytes:
    """Return what a window shows of the page at `url`, as PNG with few colours."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=picture.scale,
        locale="fr-CA",
        timezone_id="America/Toronto",
    )
    name, value = cookie
    context.add_cookies([{"name": name, "value": value, "url": url}])
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    page.locator(picture.top).evaluate(
        "element => scrollTo({top: element.getBoundingClientRect().top + scrollY - 24, behavior: 'instant'})"
    )
    page.wait_for_timeout(PDF_VIEWER_MILLISECONDS)
    drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    file = io.BytesIO()
    drawn.quantize(COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()


def main() -> None:
    """Start the portal, make the scene, and write each picture."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as portal, launched() as browser:
        scene = portal.made_by("from tests.journeys.picture_scene import make_scene; make_scene()")
        for key, picture in PICTURES.items():
            path, *cookie = scene[key]
            (FOLDER / f"{key}.png").write_bytes(take(browser, picture, portal.url + path, tuple(cookie)))


if __name__ == "__main__":
    main()
