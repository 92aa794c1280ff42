"""Browsers on the portal that `make run` starts."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, Response, expect

from tests import migrated_database
from tests.chromium import Windows, launched
from tests.journeys.portal import Portal, running
from tests.journeys.portal_sharing import shared

type Visit = Callable[..., Page]

PATIENCE = 30_000
"""Milliseconds before an action or an expectation fails. On two cores that also run servers, workers and other tests, a
correct page may take several seconds: the default of five seconds measured the machine."""
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Portal]:
    """The portal with its demonstration submissions, for the whole session and all its workers."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "portal"
    with shared(folder, lambda data_dir: running(migrated_database.copy_migrated_database(data_dir))) as used:
        yield used


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium per worker. It runs in this process because journeys do not use the database."""
    with launched() as found:
        yield found


@pytest.fixture(scope="package")
def windows(browser: Browser, portal: Portal) -> Windows:
    """The windows of that Chromium."""
    return Windows(browser, rest=f"{portal.url}/healthz")


@pytest.fixture
def visit(windows: Windows, portal: Portal) -> Iterator[Visit]:
    """Open a page as a new person: `visit(path, width=…, scheme=…, javascript=…, cookies=…, breaks=…, alters=…)`.

    The test fails on any complaint of the browser: errors and warnings in the console, policy violations included,
    responses 5xx, and requests to other hosts. With `breaks`, a request may fail. With `alters`, the test changes the
    window itself (a listener, a slow line), and the window is not used again.
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
    """Append to `complaints` every event that no correct page causes, until the returned function is called."""

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _is_asked_for(message.text, breaks=breaks):
            complaints.append(message.text)

    def failed(error: Error) -> None:
        complaints.append(str(error))

    def asked(request: Request) -> None:
        # The browser's PDF viewer requests chrome:// pages, which are on this machine.
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
    """True if the test causes the error that Chromium reports: a refused form's 4xx, or a cut line."""
    return "the server responded with a status of 4" in message or (
        breaks and message.startswith("Failed to load resource: net::")
    )
