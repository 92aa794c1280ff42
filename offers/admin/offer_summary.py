"""Summary above the fields of an offer's page: its phase, its open points, the possible actions, its history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from offers.date_formats import format_closing, format_day
from offers.import_messages import point_message
from offers.listing import offer_status
from offers.models import Offer, OfferChange, OpenPoint
from offers.registrations import admin_links
from offers.selectors import asked_cancellation
from offers.services.publishing import missing_for_publication

from .offer_actions import OFFER_ACTIONS, PUBLISH, conflict_message


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another page."""

    url: str
    label: str | Promise
    main: bool = False
    grave: bool = False


@dataclass(frozen=True, slots=True)
class PointDisplay:
    """A point of an import with its sentence, and its excerpt unless the sentence contains all of it."""

    point: OpenPoint
    sentence: str
    excerpt: str


def show_point(point: OpenPoint) -> PointDisplay:
    """Return the display of a point."""
    sentence = point_message(point.code, point.excerpt)
    is_quoted = " ".join(point.excerpt.split()) in sentence
    return PointDisplay(point, sentence, "" if is_quoted else point.excerpt)


def summary_of(request: HttpRequest, offer: Offer, at: datetime) -> dict[str, Any]:
    """Return the summary of a stored offer for this user, at `at` (aware)."""
    missing = missing_for_publication(offer) if not offer.is_published else []
    conflict = conflict_message(request, offer)
    asked = asked_cancellation(offer)
    links = _links(request, offer, ready=not missing, bound=bool(conflict), asked=asked)
    return {
        "state": _state(offer, at),
        "closing": format_closing(offer.closes_at, offer.zone),
        "printed": format_day(offer.closes_on),
        "is_extended": offer.is_published and offer.extensions.exists(),
        "missing": [condition.label for condition in missing],
        "points": list(_points(offer)),
        "may_settle": request.user.has_perm("offers.change_openpoint") and not offer.is_published,
        "bound_words": conflict,
        "asked": asked,
        "links": sorted(links, key=lambda link: link.grave),
        "history": history_of(offer),
    }


def history_of(offer: Offer) -> list[OfferChange]:
    """Return the changes of the offer with their authors, the latest first."""
    return list(offer.changes.select_related("author").order_by("-at", "-pk"))


def _state(offer: Offer, at: datetime) -> dict[str, Any]:
    if not offer.is_published:
        return {"label": _("Brouillon"), "tone": "draft"}
    status = offer_status(offer, at)
    return {"label": status.phase.label, "tone": status.tone}


def _points(offer: Offer) -> Iterator[PointDisplay]:
    """Yield the points of the import, open ones first."""
    points = offer.points.select_related("resolved_by").order_by("position")
    yield from map(show_point, sorted(points, key=lambda point: point.resolved_at is not None))


def _links(
    request: HttpRequest, offer: Offer, *, ready: bool, bound: bool, asked: OfferChange | None
) -> Iterator[Link]:
    """Yield the actions of this user on this offer, in the order of its life cycle. `bound`: they are not impartial.

    `asked`: the cancellation that waits for a second person.
    """
    may, address_of = request.user.has_perm, partial(reverse, args=[offer.pk])
    yield Link(address_of("admin:offers_offer_preview"), _("Aperçu"))
    yield Link(address_of("admin:offers_offer_rules"), _("Critères"))
    if may(PUBLISH):
        if asked and not bound:
            is_own = asked.author_id == request.user.pk
            wording = _("Voir la demande d’annulation") if is_own else _("Approuver ou refuser l’annulation")
            yield Link(address_of("admin:offers_offer_cancellation"), wording, main=not is_own)
        for act in OFFER_ACTIONS:
            if not act.possible(offer) or (bound and act.touches_candidates):
                continue
            if act.name == "extend":
                yield Link(address_of("admin:offers_offer_correct"), _("Corriger"))
            is_main = act.name == "publish" and ready
            yield Link(address_of(act.url_name), act.label, main=is_main, grave=act.grave)
    for url, label in admin_links(request, offer):
        yield Link(url, label)
    if offer.is_published and may("offers.add_offer"):
        yield Link(address_of("admin:offers_offer_clone"), _("Copier pour la prochaine édition"))
