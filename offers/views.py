"""Public views: the list of offers, one offer, calendars and the feed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_safe

from offers.criterion_labels import list_criteria
from offers.structured_data import job_posting

from . import calendars, selectors
from .clocks import clock_of
from .feeds import OfferFeed
from .listing import PAGE_SIZE, Listing, OfferStatus, offer_status
from .models import Offer
from .public_sections import place_criteria
from .registrations import PanelPlace, render_panels


@require_safe
def offer_list(request: HttpRequest) -> HttpResponse:
    """GET: the published offers; the address has filters and order (see `Listing`)."""
    listing = Listing(request.GET, at=timezone.now())
    shown = list(listing.page)
    clock = clock_of(shown, listing.at) if shown else None
    return render(request, "offers/list.html", {"listing": listing, "clock": clock, "now": listing.at})


@require_safe
@never_cache
def list_clock(request: HttpRequest) -> JsonResponse:
    """GET: for the open page of a list, the database's instant and the deadlines of the offers `n=…` that it shows."""
    at = selectors.database_instant()
    numbers = [number for number in request.GET.getlist("n")[:PAGE_SIZE] if number.isprintable()]
    offers = list(selectors.published(at).filter(number__in=numbers).order_by("number"))
    if not offers:
        raise Http404
    cards = [{"offer": offer, "offer_status": offer_status(offer, at)} for offer in offers]
    html = render_to_string("offers/list_clock.html", {"cards": cards, "now": at}, request)
    return JsonResponse(clock_of(offers, at).answer(html))


@require_safe
def offer_page(request: HttpRequest, number: str) -> HttpResponse:
    """GET: one published offer, also if closed or cancelled. 404 for a draft or an unlisted offer."""
    now = timezone.now()
    offer = _published(number, now)
    return render(request, "offers/page.html", page_context(request, offer, at=now))


@require_safe
@never_cache
def clock(request: HttpRequest, number: str) -> JsonResponse:
    """GET: for the open page of an offer, the database's instant, the deadline, and what the reader may do."""
    at = selectors.database_instant()
    offer = _published(number, at)
    standing, panels = offer_status(offer, at), render_panels(request, offer)
    context = {"offer": offer, "standing": standing, "now": at, "panels": panels}
    context["afterwards_panels"] = _afterwards_panels(request, offer, standing)
    html = render_to_string("offers/clock.html", context, request)
    return JsonResponse(clock_of([offer], at).answer(html) | {"said": str(standing.phase.label)})


def _afterwards_panels(request: HttpRequest, offer: Offer, where: OfferStatus) -> list[SafeString | str]:
    """Return who may still apply, while `offer` is not open to all."""
    return [] if where.is_open else render_panels(request, offer, PanelPlace.AFTERWARDS)


def page_context(request: HttpRequest, offer: Offer, *, at: datetime) -> dict[str, Any]:
    """Return the context of `offers/page.html` for an offer at `at` (aware), published or not."""
    where = offer_status(offer, at)
    sections = list(offer.sections.order_by("position"))
    criteria = list_criteria(selectors.published_criteria(offer), offer.programme.words)
    shown, others = place_criteria(sections, criteria)
    posting = job_posting(
        offer,
        sections,
        url=request.build_absolute_uri(offer.get_absolute_url()),
        publisher=str(settings.PORTAL_NAME),
        stage=_("Allocation pour tout le stage"),
    )
    return {
        "offer": offer,
        "standing": where,
        "now": at,
        "clock": clock_of([offer], at) if offer.is_published else None,
        "sections": shown,
        "other_criteria": others,
        "criteria_are_placed": any(section.introduces_criteria for section in shown),
        "documents": selectors.document_requests(offer),
        "changes": selectors.candidate_visible_changes(offer),
        "extensions": selectors.extensions_of(offer),
        "next_edition": None if where.is_open else selectors.next_edition(offer),
        "panels": render_panels(request, offer),
        "afterwards_panels": _afterwards_panels(request, offer, where),
        "criteria_panels": render_panels(request, offer, PanelPlace.CRITERIA),
        "documents_panels": render_panels(request, offer, PanelPlace.DOCUMENTS),
        "posting": posting if _is_job_posting(offer) else None,
    }


@require_safe
@conditional_page
def deadline(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the closing of one offer as a calendar, which agendas import or subscribe to."""
    offer = _published(number, timezone.now())
    offers = selectors.with_last_change(Offer.objects.filter(pk=offer.pk))
    return _calendar(request, offers, name=str(offer), file_name=f"{offer.number}.ics")


@require_safe
@conditional_page
def calendar(request: HttpRequest) -> HttpResponse:
    """GET: the future closings as one calendar, to which agendas subscribe."""
    offers = selectors.upcoming_deadlines(timezone.now())
    return _calendar(request, offers, name=_("Dates limites des offres"), file_name="echeances.ics")


@require_safe
@conditional_page
def feed(request: HttpRequest) -> HttpResponse:
    """GET: the feed of offers, newest change first."""
    return OfferFeed(timezone.now())(request)


def _is_job_posting(offer: Offer) -> bool:
    """True if an offer is a job that is not cancelled. Offers of other programmes may be no jobs."""
    return offer.status != Offer.Status.CANCELLED and offer.programme.words.are_the_portals


def _published(number: str, at: datetime) -> Offer:
    try:
        return selectors.published(at).get(number=number)
    except Offer.DoesNotExist as error:
        raise Http404 from error


def _calendar(request: HttpRequest, offers: Iterable[Offer], *, name: str, file_name: str) -> HttpResponse:
    content = calendars.deadlines_calendar([_deadline(request, offer) for offer in offers], name=name)
    headers = {"Content-Disposition": f'inline; filename="{file_name}"'}
    return HttpResponse(content, content_type=calendars.MEDIA_TYPE, headers=headers)


def _deadline(request: HttpRequest, offer: Offer) -> calendars.Deadline:
    """Return the calendar entry of a closing; `offer` comes from `selectors.with_last_change`."""
    url = request.build_absolute_uri(offer.get_absolute_url())
    context = {
        "offer": offer,
        "name": offer.organisation_short or offer.organisation,
        "cancelled": offer.status == Offer.Status.CANCELLED,
        "url": url,
    }
    return calendars.Deadline(
        offer=offer,
        summary=render_to_string("offers/deadline_summary.txt", context).strip(),
        description=render_to_string("offers/deadline.txt", context).strip(),
        url=url,
        changed_at=getattr(offer, "changed_at"),  # noqa: B009 -- an annotation of the query
        revision=getattr(offer, "revision"),  # noqa: B009 -- an annotation of the query
    )
