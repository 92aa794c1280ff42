"""An offer as the commands print it: one JSON object for import and clone (`docs/contracts.md`)."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from offers.blocks import BulletList, parse_blocks
from offers.models import Offer


def offer_as_json(offer: Offer, *, warnings: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON object of a stored offer (`docs/contracts.md`); `warnings` are sentences for the operator.

    `paragraphs` counts the blocks of text between blank lines and lists, `items` the list items, nested ones included.
    """
    rulebook = offer.rulebooks.order_by("-number").first()
    return {
        "number": offer.number,
        "organisation": offer.organisation,
        "domain": offer.domain,
        "starts_on": offer.starts_on.isoformat(),
        "ends_on": offer.ends_on.isoformat(),
        "allowance_min": _amount(offer.allowance_min),
        "allowance_max": _amount(offer.allowance_max),
        "currency": offer.currency,
        "place": offer.place,
        "remote_possible": offer.remote_possible,
        "closes_on": offer.closes_on.isoformat(),
        "closes_at": f"{offer.closes_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "time_zone": offer.time_zone,
        "funder": offer.funder or None,
        "contact": _contact(offer),
        "sections": [_section(part.title, part.text) for part in offer.sections.order_by("position")],
        "rulebook": rulebook.as_rulebook().as_json() if rulebook else {},
        "warnings": list(warnings),
    }


def _amount(amount: Any) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _contact(offer: Offer) -> dict[str, str | None] | None:
    contact = {
        "unit": offer.contact_unit or None,
        "phone": offer.contact_phone or None,
        "extension": offer.contact_extension or None,
        "email": offer.contact_email or None,
    }
    return contact if any(contact.values()) else None


def _section(title: str, text: str) -> dict[str, Any]:
    blocks = parse_blocks(text)
    lists = [block for block in blocks if isinstance(block, BulletList)]
    return {
        "title": title,
        "paragraphs": len(blocks) - len(lists),
        "items": sum(1 for block in lists for _ in block.walk()),
    }
