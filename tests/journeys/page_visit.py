"""A page and the way to reach it. Test modules hold the lists of visits."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.house.routes import Route, all_routes


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

    def path(self, scene: dict[str, Any]) -> str:
        """Return the path of the page of these objects, which `make_scene` of `tests.journeys.scene` made."""
        name, _at, variant = self.address.partition("@")
        values = {"object_id": next((pk for kind, pk in scene["rows"].items() if kind in name), 0)}
        values |= scene["usual"] | scene["variants"][variant] | ({"key": self.key} if self.key else {})
        return _routes()[name].address(values)

    def cookies(self, scene: dict[str, Any]) -> list[tuple[str, str]]:
        """Return the cookies of the page's person."""
        return [scene["sessions"][self.person]] if self.person else []


@cache
def _routes() -> dict[str, Route]:
    return {route.name: route for route in all_routes()}
