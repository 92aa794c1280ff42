"""What the list of offers shows: the filters, the order, one page of cards. Works from an address's parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from offers.phases import OfferPhase
from offers.programme_wording import DEFAULT_WORDING, ProgrammeWording

from .facets import FacetDisplay, FacetSelection
from .models import Offer
from .selectors import by_deadline, matching, published, resembling

PAGE_SIZE = 12  # cards; three rows of four or twelve of one
_CARD_FIELDS = (
    *("number", "status", "listed", "published_at", "organisation", "organisation_short", "domain", "place"),
    *("remote_possible", "starts_on", "ends_on", "allowance_min", "allowance_max", "currency"),
    *("opens_at", "closes_on", "closes_at", "time_zone", "programme__code", "programme__name"),
    *("programme__dates_label", "programme__allowance_label", "programme__at_start", "programme__lead"),
    "programme__next_steps",
)
"""What cards, filters and counts read of an offer, and nothing else of it is fetched."""
MAX_SEARCH_LENGTH = 100  # characters: the longest name of an organisation, with room to spare

_TONES = {
    OfferPhase.UPCOMING: "info",
    OfferPhase.OPEN: "open",
    OfferPhase.CLOSING_SOON: "soon",
    OfferPhase.CLOSED: "closed",
    OfferPhase.CANCELLED: "error",
}


@dataclass(frozen=True, slots=True)
class StateFilter:
    """One state to keep: its code in the address, its words, the moments it keeps (none: all)."""

    code: str
    label: str | Promise
    moments: tuple[OfferPhase, ...] = ()

    def keeps(self, moment: OfferPhase) -> bool:
        """Say whether an offer in `moment` is kept."""
        return not self.moments or moment in self.moments


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
    """Where an offer stands, in a word and a colour of the design system.

    `extended`: it closes after the day that its text prints.
    """

    moment: OfferPhase
    tone: str
    extended: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether one may apply."""
        return self.moment.is_open


def offer_status(offer: Offer, at: datetime) -> OfferStatus:
    """Return where `offer` stands at the aware instant `at`."""
    moment = offer.moment(at)
    last_day = (offer.closes_at - timedelta(microseconds=1)).astimezone(offer.zone).date()
    return OfferStatus(moment, _TONES[moment], extended=last_day > offer.closes_on)


@dataclass(frozen=True, slots=True)
class OfferCard:
    """One offer of the list."""

    offer: Offer
    offer_status: OfferStatus


class Listing:
    """The list of offers that an address asks for, at the aware instant `at`.

    Parameters `q` (words), `etat` (code of a filter), those of `facets.FACETS`, `tri` (`lointaine`: furthest deadline
    first), `page`. One that makes no sense is read as absent: an old bookmark still shows something. One query whatever
    the number of rows, two when no offer holds the words as they were typed: a programme publishes some dozens of
    offers a year, so that all that match are read, and counted here for every filter at once.
    """

    def __init__(self, parameters: Mapping[str, str], *, at: datetime) -> None:
        self.at = at
        # PostgreSQL refuses the zero character in a text, and nobody types it.
        self.search = parameters.get("q", "").replace("\0", "").strip()[:MAX_SEARCH_LENGTH]
        self.state = next((one for one in FILTERS if one.code == parameters.get("etat", "")), FILTERS[0])
        self.narrowing = FacetSelection(parameters)
        self.furthest_first = parameters.get("tri") == LATEST_FIRST
        self._page = parameters.get("page")

    @property
    def _published(self) -> QuerySet[Offer]:
        return published(self.at).only(*_CARD_FIELDS)

    @cached_property
    def _exact(self) -> list[Offer]:
        offers = matching(self._published, self.search)
        return list(by_deadline(offers, self.at, latest_first=self.furthest_first))

    @cached_property
    def _found(self) -> list[Offer]:
        """What the words find, in the order asked for; what only resembles them, the most alike first."""
        if self._exact or not self.search:
            return self._exact
        near = resembling(self._published, self.search)
        ordered = by_deadline(near, self.at, latest_first=self.furthest_first)
        return sorted(ordered, key=lambda offer: -round(getattr(offer, "likeness"), 2))  # noqa: B009 -- the query's own

    @property
    def is_approximate(self) -> bool:
        """Say whether what is shown only resembles the words: no offer holds them as they were typed."""
        return bool(self._found) and not self._exact

    @cached_property
    def _filtered(self) -> list[tuple[Offer, OfferPhase]]:
        return [(offer, offer.moment(self.at)) for offer in self._found if self.narrowing.keeps(offer)]

    @cached_property
    def words(self) -> ProgrammeWording | None:
        """Return the words of the programme of all that is found, whatever the state; None if there are several."""
        programmes = {offer.programme_id: offer.programme for offer, _moment in self._filtered}
        if len(programmes) > 1:
            return None
        return next((programme.words for programme in programmes.values()), DEFAULT_WORDING)

    @property
    def filters(self) -> list[tuple[StateFilter, int, bool]]:
        """Return each state, how many offers it keeps, and whether it is the one chosen."""
        return [(one, self._count(one), one is self.state) for one in FILTERS]

    @cached_property
    def facets(self) -> list[FacetDisplay]:
        """Return what to narrow the list by, each choice counted among the offers of the state that is chosen."""
        return self.narrowing.shown(offer for offer in self._found if self.state.keeps(offer.moment(self.at)))

    @property
    def is_narrowed(self) -> bool:
        """Say whether something else than the order was asked for."""
        return bool(self.search or self.state.code or self.narrowing.chosen)

    @cached_property
    def page(self) -> Page[Offer]:
        """Return the page asked for; one out of range is the nearest that exists."""
        kept = [offer for offer, moment in self._filtered if self.state.keeps(moment)]
        return Paginator(kept, PAGE_SIZE).get_page(self._page)

    @property
    def cards(self) -> list[OfferCard]:
        """Return the cards of this page."""
        return [OfferCard(offer, offer_status(offer, self.at)) for offer in self.page]

    @property
    def open_count(self) -> int:
        """Return how many offers that match the words and the facets may be applied to."""
        return self._count(FILTERS[1])

    def _count(self, one: StateFilter) -> int:
        return sum(one.keeps(moment) for _offer, moment in self._filtered)
