"""The text of a published offer page, read. Pure: text in, facts out; no model, no clock, no file, no network."""

from .parser import read_page
from .parts import (
    Contact,
    GridText,
    Header,
    OfferPage,
    PageSection,
    PageUnreadableError,
    Point,
    Problem,
)

__all__ = [
    "Contact",
    "GridText",
    "Header",
    "OfferPage",
    "PageSection",
    "PageUnreadableError",
    "Point",
    "Problem",
    "read_page",
]
