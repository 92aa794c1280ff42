"""What higher rooms show on an offer's page. They register themselves; this room asks nothing of them."""

from collections.abc import Callable
from enum import Enum, auto

from django.http import HttpRequest
from django.utils.safestring import SafeString

from .models import Offer

type Panel = Callable[[HttpRequest, Offer], SafeString | str | None]


class PanelPlace(Enum):
    """Where on the page a panel stands."""

    SUMMARY = auto()
    """In the summary, under the deadline: what one may do with this offer."""
    CRITERIA = auto()
    """Under the list of what the offer asks of a person."""
    AFTERWARDS = auto()
    """Under the title of what says that the offer is closed: what of that is not so for this reader."""


_panels: list[tuple[Panel, PanelPlace]] = []


def register(panel: Panel, place: PanelPlace = PanelPlace.SUMMARY) -> None:
    """Show what `panel(request, offer)` returns at `place`, in the order of registration.

    Called from `AppConfig.ready`. A panel returns HTML marked safe, plain text (which is escaped) or None to
    show nothing; registering it twice at a place shows it once there.
    """
    if (panel, place) not in _panels:
        _panels.append((panel, place))


def render_panels(
    request: HttpRequest, offer: Offer, place: PanelPlace = PanelPlace.SUMMARY
) -> list[SafeString | str]:
    """Return what the panels of `place` show for this reader and this offer, empty ones left out."""
    return [shown for panel, where in _panels if where is place and (shown := panel(request, offer))]
