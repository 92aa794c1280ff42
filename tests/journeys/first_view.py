"""What a browser with an empty cache receives for a page: bytes as they were sent, headers included, by type."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

MOST = 60_000
"""Bytes of a first view, fonts excluded (P13 of `docs/targets.md`)."""


@dataclass(frozen=True)
class FirstView:
    """The files of one view of a page."""

    by_address: dict[str, int] = field(default_factory=dict)
    by_type: Counter[str] = field(default_factory=Counter)

    @property
    def weight(self) -> int:
        """Bytes without the fonts, which replace those of the system when they arrive."""
        return self.by_type.total() - self.by_type["Font"]


@contextmanager
def first_view(page: Page) -> Iterator[FirstView]:
    """Count the files that Chromium loads in this window during the block, without its cache."""
    view = FirstView()
    asked: dict[str, tuple[str, str]] = {}

    def begun(event: dict[str, Any]) -> None:
        asked[event["requestId"]] = (event["request"]["url"], event.get("type", "Other"))

    def ended(event: dict[str, Any]) -> None:
        address, kind = asked.get(event["requestId"], ("", ""))
        # A browser asks for this one by itself, at any time, after an answer that names no icon: a file, a text.
        if address.startswith("http") and not address.endswith("/favicon.ico"):
            view.by_address[address] = int(event["encodedDataLength"])
            view.by_type[kind] += int(event["encodedDataLength"])

    session = page.context.new_cdp_session(page)
    session.on("Network.requestWillBeSent", begun)
    session.on("Network.loadingFinished", ended)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    yield view
    session.detach()
