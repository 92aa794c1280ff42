"""Digests of the content of an offer. An operation compares one with the digest of the content that its author read."""

import hashlib
import json
from typing import Any

from offers.models import Offer

_IGNORED_FIELDS = frozenset(
    {"id", "status", "published_at", "created_at", "search_text", "contact_confirmed_at"}
)


def offer_digest(offer: Offer) -> str:
    """Return the digest of the offer's current content: header, sections, document requests, grid and criteria.

    Read from the database. It changes with the content, and is unique per offer.
    """
    criteria = list(offer.rulebooks.order_by("-number").values("number", "criteria")[:1])
    return _digest_of(_page_content(offer) | {"criteria": criteria})


def page_digest(offer: Offer) -> str:
    """Return the digest, as in `offer_digest`, of what the offer's form contains: everything but the criteria."""
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
