"""What apps above `offers` register: change listeners, conflict checks, panels and administration links.

`intake.wiring` calls the functions `register_…`. Each is idempotent and keeps the order of registration.
"""

from collections.abc import Callable, Iterator
from enum import Enum, auto

from django.db import models
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from offers.models import Offer, OfferChange

type Listener = Callable[[OfferChange], None]
type Audience = Callable[[Offer, OfferChange.Kind], str]
type ConflictCheck = Callable[[Offer, models.Model], bool]
type Panel = Callable[[HttpRequest, Offer], SafeString | str | None]
type AdminLink = Callable[[HttpRequest, Offer], tuple[str, str | Promise] | None]


class PanelPlace(Enum):
    """The place of a panel on an offer's public page."""

    SUMMARY = auto()
    """In the summary, under the deadline: what the reader may do with this offer."""
    CRITERIA = auto()
    """Under the list of criteria."""
    DOCUMENTS = auto()
    """Before the documents to prepare: what else an application takes."""
    AFTERWARDS = auto()
    """In the notice that the offer is closed: exceptions for this reader."""


_listeners: list[Listener] = []
_audiences: list[Audience] = []
_conflict_checks: list[ConflictCheck] = []
_panels: list[tuple[Panel, PanelPlace]] = []
_admin_links: list[AdminLink] = []


def register_change_listener(listener: Listener, *, audience: Audience | None = None) -> None:
    """Call `listener(change)` for each change of an offer, inside the transaction that writes it.

    An exception of a listener rolls the change back. The offer's row is locked and filings wait for it: a listener must
    be short and leave the rest to a delivery. `audience(offer, kind)` returns one sentence about the people whom such a
    change would reach, or an empty text.
    """
    if listener not in _listeners:
        _listeners.append(listener)
    if audience is not None and audience not in _audiences:
        _audiences.append(audience)


def notify_listeners(change: OfferChange) -> None:
    """Call all listeners. Needs a transaction."""
    for listener in _listeners:
        listener(change)


def audience_messages(offer: Offer, kind: OfferChange.Kind) -> list[str]:
    """Return one sentence for staff per registered audience about the people whom such a change would reach."""
    return [message for audience in _audiences if (message := audience(offer, kind))]


def register_conflict_check(check: ConflictCheck) -> None:
    """Prevent a user for whom `check(offer, account)` is true from changing a published offer.

    The offer's row is locked during a check: it must be short.
    """
    if check not in _conflict_checks:
        _conflict_checks.append(check)


def has_conflict(offer: Offer, account: models.Model | None) -> bool:
    """True if a registered check is true for the user. False for None, which is a command."""
    return account is not None and any(check(offer, account) for check in _conflict_checks)


def register_panel(panel: Panel, place: PanelPlace = PanelPlace.SUMMARY) -> None:
    """Show at `place` what `panel(request, offer)` returns: HTML marked safe, text to escape, or None for nothing."""
    if (panel, place) not in _panels:
        _panels.append((panel, place))


def render_panels(
    request: HttpRequest, offer: Offer, place: PanelPlace = PanelPlace.SUMMARY
) -> list[SafeString | str]:
    """Return the content of the panels at `place` for this reader and this offer, without empty ones."""
    return [content for panel, where in _panels if where is place and (content := panel(request, offer))]


def register_admin_link(link: AdminLink) -> None:
    """Show on an offer's page in the administration the address and label that `link(request, offer)` returns."""
    if link not in _admin_links:
        _admin_links.append(link)


def admin_links(request: HttpRequest, offer: Offer) -> Iterator[tuple[str, str | Promise]]:
    """Yield the address and label of each link."""
    for link in _admin_links:
        address_and_label = link(request, offer)
        if address_and_label is not None:
            yield address_and_label
