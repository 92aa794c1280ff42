"""Contact of an offer, for mails."""

from offers.models import Offer


def contact_of(offer: Offer) -> dict[str, str]:
    """Return the mail context that replaces the portal's contact by the offer's; empty if the offer has none."""
    if not offer.contact_email:
        return {}
    return {"contact_unit": offer.contact_unit, "contact_email": offer.contact_email}
