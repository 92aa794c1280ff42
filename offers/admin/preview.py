"""An offer as candidates will read it, before they do."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from offers.models import Offer
from offers.views import page_context

UNNUMBERED = "0000-000"
"""Stands for the number that a draft does not have yet: the page's own links need one."""


def show_preview(request: HttpRequest, offer: Offer, *, back_url: str, at: datetime) -> HttpResponse:
    """Show the offer on its public page's own template, under a band that says what it is.

    Before it is published, without the links that only then lead somewhere.
    """
    unnumbered = not offer.number
    offer.number = offer.number or UNNUMBERED  # in memory alone
    context = page_context(request, offer, at=at)
    context |= {"back_url": back_url, "unnumbered": unnumbered, "posting": None}
    return render(request, "admin/offers/offer/preview.html", context)
