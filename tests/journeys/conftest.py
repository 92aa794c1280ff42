"""People at their browsers, on the portal that `make run` starts."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    expect,
)

from tests import migrated_database
from tests.chromium import Windows, launched
from tests.journeys.portal import Portal, running
from tests.journeys.portal_sharing import shared

type Visit = Callable[..., Page]

PATIENCE = 30_000
"""Milliseconds before an action or an expectation gives up. On two cores that also run the portal's servers, its
workers and other tests, a page that is fine may take several seconds; the usual five measured the machine."""
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Portal]:
    """The portal with its demonstration filed, for the whole session and all its workers."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "portal"
    with shared(folder, lambda data_dir: running(migrated_database.copy_migrated_database(data_dir))) as used:
        yield used


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium for all the journeys of a worker: in this process, none of them asks the database anything."""
    with launched() as found:
        yield found


@pytest.fixture(scope="package")
def windows(browser: Browser, portal: Portal) -> Windows:
    """The windows of that Chromium."""
    return Windows(browser, rest=f"{portal.url}/healthz")


@pytest.fixture
def visit(windows: Windows, portal: Portal) -> Iterator[Visit]:
    """Open a page as a new person: `visit(path, width=…, scheme=…, javascript=…, cookies=…, breaks=…, alters=…)`.

    The test fails on anything the browser complains of: errors and warnings of the console, of which violations of
    the content policy, answers 5xx, and requests to any other host. With `breaks`, a request that does not arrive is
    what the test asks for. With `alters`, the test does to the window what outlasts a page (a listener, a slow line),
    so nobody gets it after.
    """
    complaints: list[str] = []
    used: list[Callable[[], None]] = []

    def open_page(
        path: str,
        *,
        width: int = 360,
        scheme: Any = "light",
        javascript: bool = True,
        cookies: Iterable[tuple[str, str]] = (),
        breaks: bool = False,
        alters: bool = False,
    ) -> Page:
        page = windows.lend(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=javascript,
            locale="fr-CA",
            timezone_id="America/Toronto",
        )
        context = page.context
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": name, "value": value, "url": portal.url} for name, value in cookies])
        stop = listen(page, portal.url, complaints, breaks=breaks)
        ends = context.close if breaks or alters else partial(windows.take_back, page)
        used.extend((stop, ends))
        page.goto(path if path.startswith(("http", "about:")) else portal.url + path)
        return page

    yield open_page
    for end in used:
        end()
    assert not complaints


def listen(page: Page, home: str, complaints: list[str], *, breaks: bool = False) -> Callable[[], None]:
    """Write in `complaints` whatever a good page never causes, until the returned function is called."""

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _is_asked_for(message.text, breaks=breaks):
            complaints.append(message.text)

    def failed(error: Error) -> None:
        complaints.append(str(error))

    def asked(request: Request) -> None:
        # The browser's own PDF viewer asks for chrome:// pages: they come from the machine itself.
        if request.url.startswith(("http:", "https:", "ws:", "wss:")) and not request.url.startswith(home):
            complaints.append(f"asked {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 500:
            complaints.append(f"{response.status} from {response.url}")

    page.on("console", said)
    page.on("pageerror", failed)
    page.on("request", asked)
    page.on("response", answered)

    def stop() -> None:
        page.remove_listener("console", said)
        page.remove_listener("pageerror", failed)
        page.remove_listener("request", asked)
        page.remove_listener("response", answered)

    return stop


def _is_asked_for(message: str, *, breaks: bool) -> bool:
    """Tell whether the test asks for what Chromium reports: a refused form's 4xx, or a line that is cut."""
    return "the server responded with a status of 4" in message or (
        breaks and message.startswith("Failed to load resource: net::")
    )
