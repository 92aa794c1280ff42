"""Atom feed of the roots (RFC 4287): subscribers keep copies that the portal cannot change."""

import uuid
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from intake.web import formats

from . import selectors
from .documents import root_document
from .models import Root

MAX_ENTRIES: Final = 50  # about two days of hourly roots


class RootFeed(Feed[Root, str]):
    """The latest published roots, latest first. Call it with a request."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:  # noqa: ARG002 -- Django's signature
        """Return the absolute URL of the log."""
        return request.build_absolute_uri(reverse("transparency:log"))

    def title(self) -> str:
        """Return the title: the log and the portal."""
        return f"{_('Registre public des accusés de réception')} — {settings.PORTAL_NAME}"

    def link(self) -> str:
        """Return the URL of the log's page."""
        return reverse("transparency:log")

    def feed_guid(self, home: str) -> str:
        """Return an identifier derived from the log's URL."""
        return uuid.uuid5(uuid.NAMESPACE_URL, home).urn

    def author_name(self) -> str:
        """Return the unit that publishes the log."""
        return str(settings.PORTAL_CONTACT_UNIT)

    def items(self, home: str) -> list[tuple[Root, str]]:
        """Return the roots, each with its identifier."""
        return [
            (root, uuid.uuid5(uuid.NAMESPACE_URL, f"{home}#{root.rank} {root.hash}").urn)
            for root in selectors.roots_latest_first()[:MAX_ENTRIES]
        ]

    def item_guid(self, item: Any) -> str:
        """Return an identifier of rank and hash: a second hash of the same rank is another entry."""
        return str(item[1])

    def item_link(self, item: Any) -> str:
        """Return the URL of the root."""
        return reverse("transparency:root", args=[item[0].rank])

    def item_title(self, item: Any) -> str:
        """Return the root's rank and number of receipts."""
        root: Root = item[0]
        return _("Racine %(rank)s, sur %(size)s accusés de réception") % {
            "rank": formats.number(root.rank),
            "size": formats.number(root.size),
        }

    def item_description(self, item: Any) -> str:
        """Return the hash, the key and the signature, as HTML."""
        context = {"root": item[0], "signature": root_document(item[0])["signature"]}
        return render_to_string("transparency/feed_entry.html", context)

    def item_pubdate(self, item: Any) -> datetime:
        """Return the instant of publication."""
        published_at: datetime = item[0].published_at
        return published_at

    item_updateddate = item_pubdate
