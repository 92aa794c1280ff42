"""Registry of panels on an offer's public page. Apps above `offers` register them."""

from collections.abc import Callable
from enum import Enum, auto

from django.http import HttpRequest
from django.utils.safestring import SafeString

from .models import Offer

type Panel = Callable[[HttpRequest, Offer], SafeString | str | None]


class PanelPlace(Enum):
    """The place of a panel on the page."""

    SUMMARY = auto()
    """In the summary, under the deadline: what the reader may do with this offer."""
    CRITERIA = auto()
    """Under the list of criteria."""
    AFTERWARDS = auto()
    """In the notice that the offer is closed: exceptions for this reader."""


_panels: list[tuple[Panel, PanelPlace]] = []


def register(panel: Panel, place: PanelPlace = PanelPlace.SUMMARY) -> None:
    """Show at `place` what `panel(request, offer)` returns, in the order of registration.

    Called by `intake.wiring`. A panel returns HTML marked safe, plain text (which is escaped), or None to show
    nothing. Idempotent per panel and place.
    """
    if (panel, place) not in _panels:
        _panels.append((panel, place))


def render_panels(
    request: HttpRequest, offer: Offer, place: PanelPlace = PanelPlace.SUMMARY
) -> list[SafeString | str]:
    """Return the content of the panels at `place` for this reader and this offer, without empty ones."""
    return [shown for panel, where in _panels if where is place and (shown := panel(request, offer))]
