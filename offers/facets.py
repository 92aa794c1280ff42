"""What a candidate narrows the list of offers by, besides their state: where, for whom, in what field.

A facet is a set of links. Each link says how many offers it would leave, given all that is chosen elsewhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .folding import fold
from .models import Offer

MAX_CHOICES = 40  # links of one facet; past that, people search
MAX_CODE_LENGTH = 250  # characters: as long as the longest of the fields they are made of


def _organisation(offer: Offer) -> str:
    return offer.organisation_short or offer.organisation


def _organisation_in_full(offer: Offer) -> str:
    if not offer.organisation_short:
        return offer.organisation
    return f"{offer.organisation} ({offer.organisation_short})"


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing to narrow by: its word in the address, its words on the page, what an offer answers to it.

    `value` gives what tells offers apart (accents and case aside), nothing for an offer that has none; `label` what is
    read for it. A `flag` has one choice alone: with, or whatever.
    """

    parameter: str
    title: str | Promise
    value: Callable[[Offer], str]
    label: Callable[[Offer], str]
    flag: bool = False

    def code(self, offer: Offer) -> str:
        """Return what the address says of this offer's value, empty when it has none."""
        return fold(" ".join(self.value(offer).split()))


FACETS = (
    Facet(
        "programme",
        _("Programme"),
        lambda offer: offer.programme.code,
        lambda offer: offer.programme.name,
    ),
    Facet("lieu", _("Lieu"), lambda offer: offer.place, lambda offer: offer.place),
    Facet("organisation", _("Organisation"), _organisation, _organisation_in_full),
    Facet("domaine", _("Domaine"), lambda offer: offer.domain, lambda offer: offer.domain),
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
    """One link of a facet. `changes` is what it changes in the address."""

    label: str
    count: int
    chosen: bool
    changes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class FacetDisplay:
    """A facet as the page shows it. `left_out` counts the choices past the most that are shown."""

    facet: Facet
    choices: tuple[Choice, ...]
    left_out: int = 0

    @property
    def chosen(self) -> Choice | None:
        """The choice that is made, if one is."""
        return next((choice for choice in self.choices if choice.chosen), None)


class FacetSelection:
    """What an address narrows the list by, facet by facet. A value that no offer has leaves none."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        asked = {facet: parameters.get(facet.parameter, "").replace("\0", "") for facet in FACETS}
        self.chosen = {
            facet: fold(" ".join(text.split()))[:MAX_CODE_LENGTH]
            for facet, text in asked.items()
            if text.strip()
        }

    @property
    def parameters(self) -> dict[str, str]:
        """What the address says of it, to be said again in a form."""
        return {facet.parameter: code for facet, code in self.chosen.items()}

    def keeps(self, offer: Offer, *, but: Facet | None = None) -> bool:
        """Say whether `offer` has every value that is chosen, the facet `but` left out."""
        return all(facet.code(offer) == code for facet, code in self.chosen.items() if facet is not but)

    def shown(self, offers: Iterable[Offer]) -> list[FacetDisplay]:
        """Return the facets worth showing for `offers`, which nothing here has narrowed yet."""
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
            # A bookmark's value that nothing has any more can still be taken off.
            counts.setdefault(chosen, 0)
            labels.setdefault(chosen, chosen)
        kept = sorted(counts, key=lambda code: (code != chosen, -counts[code], code))[:MAX_CHOICES]
        choices = [
            Choice(
                label=labels[code],
                count=counts[code],
                chosen=code == chosen,
                changes={facet.parameter: None if code == chosen else code, "page": None},
            )
            for code in kept
        ]
        choices.sort(key=lambda choice: fold(choice.label))
        return FacetDisplay(facet, tuple(choices), left_out=len(counts) - len(kept))
