"""The published texts of these tests, written for them, and parsed pages as plain values."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from offers.page.parts import OfferPage

PAGES = Path(__file__).parent / "pages"
NAMES = sorted(path.stem for path in PAGES.glob("*.txt"))


def page_text(name: str) -> str:
    """Return the text of a page of these tests."""
    return (PAGES / f"{name}.txt").read_text(encoding="utf-8")


def plain(page: OfferPage) -> Any:
    """Return all values of a page as YAML represents them."""
    return _plain(dataclasses.asdict(page))


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:.2f}"
        case _other:
            return value
