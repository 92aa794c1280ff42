"""What higher rooms let staff do with an offer, from its page. They register themselves; this room asks nothing."""

from collections.abc import Callable, Iterator

from django.http import HttpRequest
from django.utils.functional import Promise

from offers.models import Offer

type AdminLink = Callable[[HttpRequest, Offer], tuple[str, str | Promise] | None]

_links: list[AdminLink] = []


def register(link: AdminLink) -> None:
    """Show on an offer's page the address and the words that `link(request, offer)` returns, if it returns any.

    Called from `AppConfig.ready`; registering twice is registering once.
    """
    if link not in _links:
        _links.append(link)


def links_for(request: HttpRequest, offer: Offer) -> Iterator[tuple[str, str | Promise]]:
    """Yield the address and the words of each, in the order of registration."""
    for link in _links:
        found = link(request, offer)
        if found is not None:
            yield found
