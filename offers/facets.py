"""Facets of the list of offers: links, each with the number of offers that it would keep, given the other choices."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.base.folding import fold

from .models import Offer

MAX_CHOICES = 40  # links of one facet; beyond that, users search
MAX_CODE_LENGTH = 250  # characters: the longest field that a code comes from


def _organisation(offer: Offer) -> str:
    return offer.organisation_short or offer.organisation


def _organisation_in_full(offer: Offer) -> str:
    if not offer.organisation_short:
        return offer.organisation
    return f"{offer.organisation} ({offer.organisation_short})"


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet: its parameter in the address, its title on the page, and its value for an offer.

    `value` returns the text that distinguishes offers (accents and case ignored), empty for an offer without one;
    `label` returns the text on the page. A `flag` has a single choice: only offers with it, or all.
    """

    parameter: str
    title: str | Promise
    value: Callable[[Offer], str]
    label: Callable[[Offer], str]
    flag: bool = False

    def code(self, offer: Offer) -> str:
        """Return the code of this offer's value in the address; empty if the offer has none."""
        return fold(" ".join(self.value(offer).split()))


FACETS = (
    Facet("programme", _("Programme"), attrgetter("programme.code"), attrgetter("programme.name")),
    Facet("lieu", _("Lieu"), attrgetter("place"), attrgetter("place")),
    Facet("organisation", _("Organisation"), _organisation, _organisation_in_full),
    Facet("domaine", _("Domaine"), attrgetter("domain"), attrgetter("domain")),
    Facet(
        "teletravail",
        _("Télétravail possible"),
        lambda offer: "oui" if offer.remote_possible else "",
        lambda _offer: "",
        flag=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One link of a facet. `changes` maps the parameters that it sets in the address; None removes one."""

    label: str
    count: int
    chosen: bool
    changes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class FacetDisplay:
    """A facet as the page shows it. `left_out` is the number of choices beyond `MAX_CHOICES`."""

    facet: Facet
    choices: tuple[Choice, ...]
    left_out: int = 0

    @property
    def chosen(self) -> Choice | None:
        """The selected choice; None if none is."""
        return next((choice for choice in self.choices if choice.chosen), None)


class FacetSelection:
    """The facet values in an address. A value that no offer has keeps no offer."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        texts = {facet: parameters.get(facet.parameter, "").replace("\0", "") for facet in FACETS}
        self.chosen = {
            facet: fold(" ".join(text.split()))[:MAX_CODE_LENGTH]
            for facet, text in texts.items()
            if text.strip()
        }

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the address, for the hidden fields of a form."""
        return {facet.parameter: code for facet, code in self.chosen.items()}

    def keeps(self, offer: Offer, *, but: Facet | None = None) -> bool:
        """True if `offer` has all selected values, except that of the facet `but`."""
        return all(facet.code(offer) == code for facet, code in self.chosen.items() if facet is not but)

    def shown(self, offers: Iterable[Offer]) -> list[FacetDisplay]:
        """Return the facets that offer a choice among `offers`, which must not be filtered by facets yet."""
        rows = list(offers)
        facets = [self._show(facet, [row for row in rows if self.keeps(row, but=facet)]) for facet in FACETS]
        return [
            shown for shown in facets if shown.chosen or len(shown.choices) > (0 if shown.facet.flag else 1)
        ]

    def _show(self, facet: Facet, offers: list[Offer]) -> FacetDisplay:
        counts = Counter(code for offer in offers if (code := facet.code(offer)))
        labels = {facet.code(offer): facet.label(offer) for offer in offers}
        chosen = self.chosen.get(facet, "")
        if chosen:
            # An old bookmark may select a value that no offer has: show it, so that the user can remove it.
            counts.setdefault(chosen, 0)
            labels.setdefault(chosen, chosen)
        codes = sorted(counts, key=lambda code: (code != chosen, -counts[code], code))[:MAX_CHOICES]
        choices = [
            Choice(
                label=labels[code],
                count=counts[code],
                chosen=code == chosen,
                changes={facet.parameter: None if code == chosen else code, "page": None},
            )
            for code in codes
        ]
        choices.sort(key=lambda choice: fold(choice.label))
        return FacetDisplay(facet, tuple(choices), left_out=len(counts) - len(codes))
