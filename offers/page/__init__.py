"""Parser of the text of a published offer page. Pure: text in, facts out; no model, clock, file or network."""

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
