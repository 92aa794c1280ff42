"""Preview of an offer as candidates will read it."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from offers.models import Offer
from offers.views import page_context

UNNUMBERED = "0000-000"
"""Number in the links of the preview, for a draft without one."""


def show_preview(request: HttpRequest, offer: Offer, *, back_url: str, at: datetime) -> HttpResponse:
    """Render the offer in the template of its public page, under a banner for the preview.

    Before publication, it has no links to pages that do not exist yet.
    """
    unnumbered = not offer.number
    offer.number = offer.number or UNNUMBERED  # in memory only
    context = page_context(request, offer, at=at)
    context |= {"back_url": back_url, "unnumbered": unnumbered, "posting": None}
    return render(request, "admin/offers/offer/preview.html", context)
