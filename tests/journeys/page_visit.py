"""A page and the way to reach it. Test modules hold the lists of visits."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class PageVisit:
    """A page: its address as `access.txt` writes it, and the steps on it before it is checked."""

    address: str
    person: str = ""
    key: str = ""
    act: Callable[[Page], None] | None = None
    status: int = 200
    named: str = ""

    def __str__(self) -> str:
        """Name of the test case."""
        return " ".join(filter(None, [self.address, self.key, self.person or "anonymous", self.named]))
