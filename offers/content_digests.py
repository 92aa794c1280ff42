"""Which text of an offer somebody has read: what is published, or corrected, is what was read, or nothing is."""

import hashlib
import json
from typing import Any

from offers.models import Offer

_IGNORED_FIELDS = frozenset(
    {"id", "status", "published_at", "created_at", "search_text", "contact_confirmed_at"}
)


def offer_digest(offer: Offer) -> str:
    """Return a name for all that the offer says now, from the database: header, text, documents, grid and criteria.

    Two offers that say the same have the same name only if they are one; whatever changes, the name does.
    """
    criteria = list(offer.rulebooks.order_by("-number").values("number", "criteria")[:1])
    return _digest_of(_page_content(offer) | {"criteria": criteria})


def page_digest(offer: Offer) -> str:
    """Return a name, as `edition_of_offer`, for what is written on the offer's own page: all but the criteria."""
    return _digest_of(_page_content(offer))


def _page_content(offer: Offer) -> dict[str, Any]:
    header = Offer.objects.filter(pk=offer.pk).values().get()
    return {
        "header": {name: value for name, value in header.items() if name not in _IGNORED_FIELDS},
        "sections": list(offer.sections.order_by("position").values("position", "kind", "title", "text")),
        "documents": list(
            offer.documents.order_by("position").values(
                "position", "kind", "label", "hint", "required", "max_pages", "max_bytes"
            )
        ),
        "grid": list(offer.grid_lines.order_by("position").values("position", "text", "requirement")),
    }


def _digest_of(said: dict[str, Any]) -> str:
    canonical = json.dumps(said, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
