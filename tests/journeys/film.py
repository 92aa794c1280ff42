"""Film the last ten minutes before a closing, on three telephones: `scripts/pictures film` writes build/film/sheet.png.

Three candidates have a complete draft and leave a page open: one writes, one reads, one files two minutes before the
closing. In each picture the page must say the time left by the database's clock. The table goes to standard output.
"""

import io
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page

from intake.devtools import embedded
from intake.devtools.embedded import servers
from intake.web import formats
from tests.chromium import launched
from tests.journeys.application import declare_and_file
from tests.journeys.conftest import listen
from tests.journeys.page_actions import follow
from tests.journeys.portal import ROOT, Portal, running

SHEET = ROOT / "build" / "film" / "sheet.png"
WIDTH, HEIGHT, MARGIN = 360, 740, 40
INSTANTS = tuple(60 * minutes - 2 for minutes in range(11, -2, -1))
"""Seconds left at each picture: two after each minute begins, two after the closing, and a minute later."""
FILES_AT = 120
OPENS_IN = 30
SAVES_WITHIN = 3000  # milliseconds
NAMES = ("writes", "reads", "files")


@dataclass
class Film:
    """What the three candidates saw: for each instant its clock, and each page's words and picture."""

    clocks: list[str] = field(default_factory=list)
    words: list[list[str]] = field(default_factory=list)
    pictures: list[list[bytes]] = field(default_factory=list)

    def table(self) -> str:
        """Return the words as a table of Markdown."""
        lines = [f"| left | {' | '.join(NAMES)} |", "|---" * 4 + "|"]
        lines += [
            f"| {clock} | {' | '.join(words)} |" for clock, words in zip(self.clocks, self.words, strict=True)
        ]
        return "\n".join([*lines, ""])

    def sheet(self) -> Image.Image:
        """Return the pictures side by side, a row for each candidate and a column for each instant."""
        size = (len(self.clocks) * (WIDTH + 8), len(NAMES) * (HEIGHT + 8) + MARGIN)
        sheet = Image.new("RGB", size, "white")
        for column, (clock, pictures) in enumerate(zip(self.clocks, self.pictures, strict=True)):
            left = column * (WIDTH + 8)
            ImageDraw.Draw(sheet).text((left, 4), clock, "black", ImageFont.load_default(24))
            for row, picture in enumerate(pictures):
                sheet.paste(Image.open(io.BytesIO(picture)), (left, MARGIN + row * (HEIGHT + 8)))
        return sheet


def film(portal: Portal, browser: Browser, instants: Sequence[int]) -> Film:
    """Take the pictures at `instants`, in seconds before the closing. Fail on a wrong time left or a complaint."""
    made = portal.made_by(
        "from tests.journeys.late_scenes import make_closing;"
        f"make_closing(*{NAMES!r}, seconds={instants[0] + OPENS_IN})"
    )
    found, complaints = Film(), list[str]()
    pages = {name: _telephone(browser, portal, made[name]["session"], complaints) for name in NAMES}
    home = {name: f"{portal.url}/candidatures/{made[name]['public_id']}/" for name in NAMES}
    pages["writes"].goto(home["writes"] + "competences/")
    pages["reads"].goto(home["reads"] + "verifier/")
    pages["reads"].get_by_role("button", name="Déposer ma candidature").scroll_into_view_if_needed()
    pages["files"].goto(home["files"])
    with servers(portal.data_dir) as urls, closing(psycopg.connect(urls.database_owner)) as database:
        database.autocommit = True
        for instant in instants:
            at, until = _clock(database, made["offer"])
            pages["files"].wait_for_timeout(max(0, (until - at).total_seconds() - instant) * 1000)
            _write(pages["writes"], instant)
            if instant <= FILES_AT and pages["files"].url == home["files"]:
                follow(pages["files"], "Vérifier et déposer")
                declare_and_file(pages["files"])
            before, _until = _clock(database, made["offer"])
            words = [_words(page) for page in pages.values()]
            found.pictures.append([page.screenshot() for page in pages.values()])
            after, _until = _clock(database, made["offer"])
            right = {_plain(formats.time_left(each, until, short=True)) for each in (before, after)}
            for page, shown in zip(pages.values(), words, strict=True):
                assert page.url.endswith("/accuse/") or any(each in shown for each in right), (shown, right)
            found.clocks.append(f"{(until - before).total_seconds():.1f} s")
            found.words.append(words)
    assert not complaints, complaints
    for page in pages.values():
        page.context.close()
    return found


def _telephone(browser: Browser, portal: Portal, session: list[str], complaints: list[str]) -> Page:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="fr-CA",
        timezone_id="America/Toronto",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": session[0], "value": session[1], "url": portal.url}])
    page = context.new_page()
    listen(page, portal.url, complaints)
    return page


def _write(page: Page, instant: int) -> None:
    """Type a word, wait for what the page says of it, and show both."""
    text = page.locator("main textarea").last
    if instant > 0:
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            text.press_sequentially(f" Il reste {instant} secondes.")
    else:
        text.press_sequentially(" Trop tard.")
        page.wait_for_timeout(SAVES_WITHIN)
    page.locator("form [data-saved-state]").scroll_into_view_if_needed()


def _words(page: Page) -> str:
    """Return the line of the time left, or the title of a page without it."""
    band = page.locator(".band summary")
    return _plain((band if band.count() else page.locator("h1")).inner_text())


def _plain(text: str) -> str:
    return " ".join(text.split())  # no-break spaces too


def _clock(
    database: "psycopg.Connection[tuple[datetime, datetime]]", number: str
) -> tuple[datetime, datetime]:
    """Return the instant and the closing, as the database has them."""
    row = database.execute(
        "SELECT clock_timestamp(), closes_at FROM offers_offer WHERE number = %s", [number]
    ).fetchone()
    assert row is not None
    return row


def main() -> None:
    """Film with a portal of its own; write the sheet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", embedded.SETTINGS)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as portal, launched() as browser:
        found = film(portal, browser, INSTANTS)
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    found.sheet().save(SHEET, optimize=True)
    sys.stdout.write(found.table())


if __name__ == "__main__":
    main()
