"""Who hears of what is done to an offer. Higher rooms register themselves; this room asks nothing of them."""

from collections.abc import Callable

from offers.models import Offer, OfferChange

type Listener = Callable[[OfferChange], None]
type Audience = Callable[[Offer, OfferChange.Kind], str]

_listeners: list[Listener] = []
_audiences: list[Audience] = []


def register(listener: Listener, *, audience: Audience | None = None) -> None:
    """Call `listener(change)` for each change, inside the transaction that writes it, in the order of registration.

    Called from `AppConfig.ready`. What a listener raises undoes the change; it holds the offer's row, on which
    filings wait, so it does little and leaves the rest to a job. `audience(offer, kind)` says in one sentence whom
    such a change would reach, or nothing. Registering twice is registering once.
    """
    if listener not in _listeners:
        _listeners.append(listener)
    if audience is not None and audience not in _audiences:
        _audiences.append(audience)


def notify_listeners(change: OfferChange) -> None:
    """Tell every listener; the caller holds the transaction."""
    for listener in _listeners:
        listener(change)


def audience_messages(offer: Offer, kind: OfferChange.Kind) -> list[str]:
    """Return whom a change of this kind would reach, one sentence per room that knows, for staff."""
    return [said for audience in _audiences if (said := audience(offer, kind))]
