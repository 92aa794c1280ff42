"""The feed of offers (Atom, RFC 4287): each when it is published, corrected, extended or cancelled."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from .listing import offer_status
from .models import Offer
from .selectors import latest_changed

MAX_ENTRIES = 50


class OfferFeed(Feed[Offer, str]):
    """The offers that are public at the aware instant `at`, newest change first. Call it with a request."""

    feed_type = Atom1Feed

    def __init__(self, at: datetime) -> None:
        self.at = at

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:  # noqa: ARG002 -- Django's signature
        """Return the absolute address of the list."""
        return request.build_absolute_uri(reverse("offers:list"))

    def title(self) -> str:
        """Return the name of the feed: the list and the portal."""
        return f"{_('Offres')} — {settings.PORTAL_NAME}"

    def link(self) -> str:
        """Return the address of the list."""
        return reverse("offers:list")

    def feed_guid(self, home: str) -> str:
        """Return an identifier that is stable as long as the address of the list."""
        return uuid.uuid5(uuid.NAMESPACE_URL, home).urn

    def author_name(self) -> str:
        """Return the name of the publisher of the offers."""
        return str(settings.PORTAL_CONTACT_UNIT)

    def items(self) -> QuerySet[Offer]:
        """Return the offers."""
        return latest_changed(self.at)[:MAX_ENTRIES]

    def item_guid(self, item: Offer) -> str:
        """Return the offer's identifier, which does not depend on its number or its address."""
        return f"urn:uuid:{item.public_id}"

    def item_link(self, item: Offer) -> str:
        """Return the address of the offer's page."""
        return item.get_absolute_url()

    def item_title(self, item: Offer) -> str:
        """Return the offer's number, organisation and domain."""
        return " — ".join(filter(None, [item.number, item.organisation, item.domain]))

    def item_description(self, item: Offer) -> str:
        """Return place, dates, allowance and deadline, as HTML."""
        context = {"offer": item, "standing": offer_status(item, self.at), "now": self.at}
        return render_to_string("offers/feed_entry.html", context)

    def item_pubdate(self, item: Offer) -> datetime | None:
        """Return the instant of publication."""
        return item.published_at

    def item_updateddate(self, item: Any) -> Any:
        """Return the instant of the last change of the content, an annotation of `latest_changed`."""
        return item.changed_at
