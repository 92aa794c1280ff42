"""The list of offers: filters, order, and one page of cards, from the parameters of an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.base.folding import MAX_SEARCH_LENGTH
from offers.models.offer import OfferPhase
from offers.models.programme import DEFAULT_WORDING, ProgrammeWording

from .facets import FacetDisplay, FacetSelection
from .models import Offer
from .search import SearchPart, matching, read_search, resembling
from .selectors import by_deadline, published

PAGE_SIZE = 12  # cards; three rows of four or twelve of one
_CARD_FIELDS = (
    *("number", "status", "listed", "published_at", "organisation", "organisation_short", "domain", "place"),
    *("remote_possible", "starts_on", "ends_on", "allowance_min", "allowance_max", "currency"),
    *("opens_at", "closes_on", "closes_at", "time_zone", "programme__code", "programme__name"),
    *("programme__dates_label", "programme__allowance_label", "programme__at_start", "programme__lead"),
    "programme__next_steps",
)
"""Fields that cards, filters and counts read. The query fetches no others."""

_TONES = {
    OfferPhase.UPCOMING: "info",
    OfferPhase.OPEN: "open",
    OfferPhase.CLOSING_SOON: "soon",
    OfferPhase.CLOSED: "closed",
    OfferPhase.CANCELLED: "error",
}


@dataclass(frozen=True, slots=True)
class StateFilter:
    """One filter by phase: its code in the address, its label, and the phases that it keeps (empty: all)."""

    code: str
    label: str | Promise
    phases: tuple[OfferPhase, ...] = ()

    def keeps(self, phase: OfferPhase) -> bool:
        """True if the filter keeps an offer in `phase`."""
        return not self.phases or phase in self.phases


FILTERS = (
    StateFilter("", _("Toutes")),
    StateFilter("ouverte", _("Ouvertes"), (OfferPhase.OPEN, OfferPhase.CLOSING_SOON)),
    StateFilter("bientot", _("Ferment bientôt"), (OfferPhase.CLOSING_SOON,)),
    StateFilter("a-venir", _("À venir"), (OfferPhase.UPCOMING,)),
    StateFilter("fermee", _("Fermées"), (OfferPhase.CLOSED, OfferPhase.CANCELLED)),
)
LATEST_FIRST = "lointaine"


@dataclass(frozen=True, slots=True)
class OfferStatus:
    """The phase of an offer, its colour, and whether the offer closes after its printed closing day (`extended`)."""

    phase: OfferPhase
    tone: str
    extended: bool = False

    @property
    def is_open(self) -> bool:
        """True if the offer is open."""
        return self.phase.is_open


def offer_status(offer: Offer, at: datetime) -> OfferStatus:
    """Return the status of `offer` at `at` (aware)."""
    phase = offer.phase(at)
    return OfferStatus(phase, _TONES[phase], extended=offer.last_open_day > offer.closes_on)


class Listing:
    """The list of offers that an address requests, at the aware instant `at`.

    Parameters: `q` (words), `etat` (code of a filter), those of `facets.FACETS`, `tri` (`lointaine`: latest deadline
    first), `page`. An invalid `etat`, `tri` or `page` is ignored, so that old bookmarks still work. One query for any
    number of rows, one more for the synonyms of a search, and one more if no offer contains its words. All matching
    offers are read and counted in Python for all filters at once: a programme publishes some dozens of offers a year.
    """

    def __init__(self, parameters: Mapping[str, str], *, at: datetime) -> None:
        self.at = at
        # PostgreSQL rejects NUL in a text; no keyboard types it.
        self.search = parameters.get("q", "").replace("\0", "").strip()[:MAX_SEARCH_LENGTH]
        self.state = next(
            (state for state in FILTERS if state.code == parameters.get("etat", "")), FILTERS[0]
        )
        self.narrowing = FacetSelection(parameters)
        self.furthest_first = parameters.get("tri") == LATEST_FIRST
        self._page = parameters.get("page")

    @property
    def _published(self) -> QuerySet[Offer]:
        return published(self.at).only(*_CARD_FIELDS)

    @cached_property
    def parts(self) -> tuple[SearchPart, ...]:
        """The words and the known terms of the search."""
        return read_search(self.search)

    @property
    def synonyms(self) -> list[str]:
        """The terms that are searched too, as staff wrote them."""
        return list(dict.fromkeys(term for part in self.parts for term in part.synonyms))

    @cached_property
    def _exact(self) -> list[Offer]:
        offers = matching(self._published, self.parts)
        return list(by_deadline(offers, self.at, latest_first=self.furthest_first))

    @cached_property
    def _found(self) -> list[Offer]:
        """The offers that contain the words, in the requested order; if none, similar ones, the most similar first."""
        if self._exact or not self.parts:
            return self._exact
        near = resembling(self._published, self.parts)
        ordered = by_deadline(near, self.at, latest_first=self.furthest_first)
        return sorted(ordered, key=lambda offer: -round(getattr(offer, "likeness"), 2))  # noqa: B009 -- annotated

    @property
    def is_approximate(self) -> bool:
        """True if the list has only similar offers: no offer contains the words as typed."""
        return bool(self._found) and not self._exact

    @cached_property
    def _filtered(self) -> list[tuple[Offer, OfferPhase]]:
        return [(offer, offer.phase(self.at)) for offer in self._found if self.narrowing.keeps(offer)]

    @cached_property
    def words(self) -> ProgrammeWording | None:
        """The wording of the programme of all offers found, in any phase; None if they have several programmes."""
        programmes = {offer.programme_id: offer.programme for offer, _moment in self._filtered}
        if len(programmes) > 1:
            return None
        return next((programme.words for programme in programmes.values()), DEFAULT_WORDING)

    @property
    def filters(self) -> list[tuple[StateFilter, int, bool]]:
        """Each filter, the number of offers that it keeps, and whether it is selected."""
        return [(state, self._count(state), state is self.state) for state in FILTERS]

    @cached_property
    def facets(self) -> list[FacetDisplay]:
        """The facets of the list; each choice is counted among the offers that the selected filter keeps."""
        return self.narrowing.shown(offer for offer in self._found if self.state.keeps(offer.phase(self.at)))

    @property
    def is_narrowed(self) -> bool:
        """True if the address has a search, a filter or a facet."""
        return bool(self.search or self.state.code or self.narrowing.chosen)

    @property
    def without_filters(self) -> dict[str, None]:
        """The parameters of the address to remove for the same words among all offers."""
        return dict.fromkeys(("etat", "page", *self.narrowing.parameters))

    @cached_property
    def page(self) -> Page[Offer]:
        """The requested page; the nearest existing one if out of range."""
        offers = [offer for offer, phase in self._filtered if self.state.keeps(phase)]
        return Paginator(offers, PAGE_SIZE).get_page(self._page)

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards of this page: each offer with its status."""
        return [{"offer": offer, "offer_status": offer_status(offer, self.at)} for offer in self.page]

    @property
    def open_count(self) -> int:
        """The number of open offers among those that match the words and the facets."""
        return self._count(FILTERS[1])

    def _count(self, state: StateFilter) -> int:
        return sum(state.keeps(phase) for _offer, phase in self._filtered)
