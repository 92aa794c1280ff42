"""Pages of the test server in a real browser."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page
from pytest_django.live_server_helper import LiveServer

from tests.chromium import Windows

type OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def windows(browser: Browser, live_server: LiveServer) -> Windows:
    """The windows of the module's Chromium."""
    return Windows(browser, rest=f"{live_server.url}/static/css/portal.css")


@pytest.fixture
def open_page(windows: Windows, live_server: LiveServer) -> Iterator[OpenPage]:
    """Open pages of the test server. Every complaint in the console fails the test.

    `open_page(path, width=…, color_scheme=…, cookies=…)`; other arguments are Playwright's for a context. With
    `alters`, the test changes the window itself, and the window is not used again.
    """
    complaints: list[str] = []
    used: list[Callable[[], None]] = []

    def failed(error: Error) -> None:
        complaints.append(str(error))

    def said(message: ConsoleMessage) -> None:
        # Chromium reports a 4xx response as an error; tests of errors request them on purpose.
        if message.type in {"error", "warning"} and "the server responded with a status" not in message.text:
            complaints.append(message.text)

    def open_it(
        path: str,
        *,
        width: int = 1280,
        cookies: dict[str, str] | None = None,
        color_scheme: str = "light",
        timezone_id: str = "America/Toronto",
        alters: bool = False,
        **options: Any,
    ) -> Page:
        page = windows.lend(
            viewport={"width": width, "height": 900},
            color_scheme=color_scheme,
            timezone_id=timezone_id,
            **options,
        )
        for name, value in (cookies or {}).items():
            page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page.on("pageerror", failed)
        page.on("console", said)
        ends = page.context.close if alters else partial(windows.take_back, page)
        used.extend(
            (
                partial(page.remove_listener, "pageerror", failed),
                partial(page.remove_listener, "console", said),
                ends,
            )
        )
        page.goto(live_server.url + path)
        return page

    yield open_it
    for end in used:
        end()
    assert not complaints
