"""What the last automatic checks of accessibility found, for the public statement.

The tests with axe write `accessibility.json`: `ACCESSIBILITY=rewrite make test-full`. See `tests/accessibility.py`.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

RESULTS_FILE: Final = Path(__file__).with_suffix(".json")
_LOOKS: Final = {
    "light": _("thème clair"),
    "dark": _("thème sombre"),
    "forced": _("couleurs imposées par l’appareil"),
}
_LANGUAGES: Final = {"fr": _("français"), "en": _("anglais")}


@dataclass(frozen=True, slots=True)
class Results:
    """Results of the last run. `pages`: names of addresses; `widths` in CSS pixels, ascending; `rules`: axe's tags."""

    day: date
    pages: list[str]
    checks: int
    violations: int
    widths: list[int]
    looks: list[str]
    languages: list[str]
    rules: list[str]
    axe_version: str
    chromium_version: str

    @property
    def look_names(self) -> list[StrPromise]:
        """Names of the themes that were checked."""
        return [name for code, name in _LOOKS.items() if code in self.looks]

    @property
    def language_names(self) -> list[StrPromise]:
        """Names of the languages that were checked."""
        return [name for code, name in _LANGUAGES.items() if code in self.languages]


@cache
def last_results() -> Results:
    """Return the results that this version of the portal was delivered with."""
    stored = json.loads(RESULTS_FILE.read_text(encoding="utf-8"))
    return Results(**{**stored, "day": date.fromisoformat(stored["day"])})
