"""Take the README's picture: an offer, wide and narrow, from a portal that `make run` started.

.venv/bin/python scripts/screenshot.py http://127.0.0.1:8000 docs/offer.png
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

OFFER = "/offres/?etat=ouverte"
HEIGHT = 900  # pixels of both pictures
GAP = 24
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def photograph(browser: Browser, address: str, width: int) -> Image.Image:
    """Return the top of the first open offer's page at `width` pixels."""
    page = browser.new_page(
        viewport={"width": width, "height": HEIGHT}, locale="fr-CA", timezone_id="America/Toronto"
    )
    page.goto(address + OFFER)
    page.locator("main h3 a").first.click()
    page.wait_for_load_state("networkidle")
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main(address: str, path: str) -> None:
    """Write the two pictures side by side."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        pictures = [photograph(browser, address, width) for width in (1280, 360)]
        browser.close()
    together = Image.new("RGB", (sum(picture.width for picture in pictures) + GAP, HEIGHT), "#c5cad2")
    left = 0
    for picture in pictures:
        together.paste(picture, (left, 0))
        left += picture.width + GAP
    together.quantize(128).save(Path(path), optimize=True)
    print(path)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2])
