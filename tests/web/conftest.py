"""Pages of the test's own server, in a real browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

type OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """Open pages of the test's server; whatever the console complains of fails the test.

    `open_page(path, width=…, scheme=…, cookies=…)`; other arguments are Playwright's own for a context.
    """
    contexts = []
    complaints: list[str] = []

    def open_it(
        path: str, *, width: int = 1280, cookies: dict[str, str] | None = None, **options: Any
    ) -> Page:
        options.setdefault("color_scheme", "light")
        options.setdefault("timezone_id", "America/Toronto")
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        for name, value in (cookies or {}).items():
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: _note(said.type, said.text, complaints))
        page.goto(live_server.url + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not complaints


def _note(kind: str, text: str, complaints: list[str]) -> None:
    # An answer 4xx is reported by Chromium as an error; the tests of errors ask for them.
    if kind in {"error", "warning"} and "the server responded with a status" not in text:
        complaints.append(text)
