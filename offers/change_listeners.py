"""Registry of listeners that are called for each change of an offer. Apps above `offers` register them."""

from collections.abc import Callable

from offers.models import Offer, OfferChange

type Listener = Callable[[OfferChange], None]
type Audience = Callable[[Offer, OfferChange.Kind], str]

_listeners: list[Listener] = []
_audiences: list[Audience] = []


def register(listener: Listener, *, audience: Audience | None = None) -> None:
    """Call `listener(change)` for each change, inside the transaction that writes it, in the order of registration.

    Called by `intake.wiring`. An exception of a listener rolls the change back. The offer's row is locked and
    filings wait for it: a listener must be short and leave the rest to a delivery. `audience(offer, kind)` returns one
    sentence about the people whom such a change would reach, or an empty text. Idempotent.
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
    return [said for audience in _audiences if (said := audience(offer, kind))]
