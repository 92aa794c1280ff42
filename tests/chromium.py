"""Browser of the tests: the machine's Chromium, headless, which resolves no other machine's name."""

import os
import shutil
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, ViewportSize

_FLAGS = [
    *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium's sandbox does not run as root
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@contextmanager
def launched() -> "Iterator[Browser]":
    """Run a browser for the duration of a block. Only one may run at a time.

    Playwright keeps an event loop in this thread, so that Django takes every query for one of an asynchronous caller.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- most runs open no browser

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        yield browser
        browser.close()


_MOST_USES = 50
"""A window's process grows with each page: at 1.3 GB, after 1,500 pages with axe, it stopped answering."""


class Windows:
    """Pool of browser windows: each user of a window gets it without cookies.

    A page in an open window takes a third of the time of a page in a new one, which starts processes. Between two
    users a window shows `rest`; if that is a page of the same site, the next user needs no new process either.
    """

    def __init__(self, browser: "Browser", *, rest: str = "about:blank") -> None:
        self._browser = browser
        self._rest = rest
        self._free: dict[tuple[tuple[str, Any], ...], list[Page]] = {}
        self._options: dict[Page, tuple[tuple[str, Any], ...]] = {}
        self._uses: Counter[Page] = Counter()

    def lend(self, *, viewport: "ViewportSize", color_scheme: Any, **options: Any) -> "Page":
        """Return a window without cookies; `options` are those of a Playwright context."""
        key = tuple(sorted(options.items()))
        free = self._free.setdefault(key, [])
        page = free.pop() if free else self._browser.new_context(**options).new_page()
        self._options[page] = key
        self._uses[page] += 1
        page.set_viewport_size(viewport)
        page.emulate_media(
            color_scheme=color_scheme, reduced_motion="null", forced_colors="null", contrast="null"
        )
        return page

    def take_back(self, page: "Page") -> None:
        """Return a window to the pool; close one that has additional tabs or has been used often."""
        key = self._options.pop(page)
        if len(page.context.pages) > 1 or self._uses[page] >= _MOST_USES:
            page.context.close()
            return
        if page.url.startswith("http"):
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.goto(self._rest)
        page.context.clear_cookies()
        self._free[key].append(page)
