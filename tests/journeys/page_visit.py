"""A page, and how somebody gets to it: the lists of them are in the tests that look at pages."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class PageVisit:
    """A page, as somebody gets to it: its address as `access.txt` writes it, and what they do there first."""

    address: str
    person: str = ""
    key: str = ""
    act: Callable[[Page], None] | None = None
    status: int = 200
    named: str = ""

    def __str__(self) -> str:
        """Return the test's name."""
        return " ".join(filter(None, [self.address, self.key, self.person or "anonymous", self.named]))
