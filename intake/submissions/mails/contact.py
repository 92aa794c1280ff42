"""Whom a candidate may write to about an offer."""

from offers.models import Offer


def contact_of(offer: Offer) -> dict[str, str]:
    """Return whom to ask about `offer`, in place of the portal's own contact; nothing if the offer names no address."""
    if not offer.contact_email:
        return {}
    return {"contact_unit": offer.contact_unit, "contact_email": offer.contact_email}
