"""The feed of offers (Atom, RFC 4287): each when it is published, corrected, extended or cancelled."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from .listing import offer_status
from .models import Offer
from .selectors import latest_changed

MAX_ENTRIES = 50


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """One request of the feed: the address of the list, and the aware instant of the request."""

    home: str
    at: datetime


class OfferFeed(Feed[Offer, FeedRequest]):
    """The offers that changed last, newest change first. The view takes a request and `at`, an aware instant."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, *args: Any, at: datetime, **kwargs: Any) -> FeedRequest:  # noqa: ARG002 -- Django's signature
        """Return the request of the feed."""
        return FeedRequest(request.build_absolute_uri(reverse("offers:list")), at)

    def title(self) -> str:
        """Return the name of the feed: the list and the portal."""
        return f"{_('Offres')} — {settings.PORTAL_NAME}"

    def link(self) -> str:
        """Return the address of the list."""
        return reverse("offers:list")

    def feed_guid(self, asked: FeedRequest) -> str:
        """Return an identifier that is stable as long as the address of the list."""
        return uuid.uuid5(uuid.NAMESPACE_URL, asked.home).urn

    def author_name(self) -> str:
        """Return the name of the publisher of the offers."""
        return str(settings.PORTAL_CONTACT_UNIT)

    def items(self, asked: FeedRequest) -> list[tuple[Offer, datetime]]:
        """Return the offers, each with the instant of the request."""
        return [(offer, asked.at) for offer in latest_changed(asked.at)[:MAX_ENTRIES]]

    def item_guid(self, item: Any) -> str:
        """Return the offer's identifier, which does not depend on its number or its address."""
        offer, _at = item
        return f"urn:uuid:{offer.public_id}"

    def item_link(self, item: Any) -> str:
        """Return the address of the offer's page."""
        offer, _at = item
        return str(offer.get_absolute_url())

    def item_title(self, item: Any) -> str:
        """Return the offer's number, organisation and domain."""
        offer, _at = item
        return " — ".join(filter(None, [offer.number, offer.organisation, offer.domain]))

    def item_description(self, item: Any) -> str:
        """Return place, dates, allowance and deadline, as HTML."""
        offer, at = item
        context = {"offer": offer, "standing": offer_status(offer, at), "now": at}
        return render_to_string("offers/feed_entry.html", context)

    def item_pubdate(self, item: Any) -> datetime:
        """Return the instant of publication."""
        published_at: datetime = item[0].published_at
        return published_at

    def item_updateddate(self, item: Any) -> datetime:
        """Return the instant of the last change of the content."""
        changed_at: datetime = item[0].changed_at
        return changed_at
