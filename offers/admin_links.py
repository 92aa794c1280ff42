"""Registry of links on an offer's page in the administration. Apps above `offers` register them."""

from collections.abc import Callable, Iterator

from django.http import HttpRequest
from django.utils.functional import Promise

from offers.models import Offer

type AdminLink = Callable[[HttpRequest, Offer], tuple[str, str | Promise] | None]

_links: list[AdminLink] = []


def register(link: AdminLink) -> None:
    """Show on an offer's page the address and label that `link(request, offer)` returns, unless it returns None.

    Called by `intake.wiring`. Idempotent.
    """
    if link not in _links:
        _links.append(link)


def links_for(request: HttpRequest, offer: Offer) -> Iterator[tuple[str, str | Promise]]:
    """Yield the address and label of each link, in the order of registration."""
    for link in _links:
        found = link(request, offer)
        if found is not None:
            yield found
