"""Current questions and sections of an offer."""

from collections.abc import Iterable

from offers.models import GridLine, Offer, RulebookVersion
from offers.selectors import current_rulebook

from .offer_questions import GridQuestion, OfferQuestions
from .sections import SECTIONS, Section, sections_for


def read_offer_questions(offer: Offer, rulebook: RulebookVersion) -> OfferQuestions:
    """Return what `offer` asks under `rulebook`: criteria, and current grid lines by position. One query."""
    lines = tuple(
        GridQuestion(
            number=line.pk, text=line.text, required=line.requirement == GridLine.Requirement.REQUIRED
        )
        for line in offer.grid_lines.order_by("position")
    )
    return OfferQuestions(rulebook.as_rulebook(), lines)


def asked_sections(offer: Offer) -> tuple[Section, ...]:
    """Return the sections that `offer` currently shows, each restricted to the questions that it asks.

    :raises RulebookVersion.DoesNotExist: if the offer has no criteria.
    """
    return sections_for(read_offer_questions(offer, current_rulebook(offer)))


def sections_by_keys(offer: Offer, keys: Iterable[str]) -> list[Section]:
    """Return the sections with these `keys` as `offer` asks them; a section that it dropped has all its questions."""
    asked = {section.key: section for section in (*SECTIONS, *asked_sections(offer))}
    return [section for key, section in asked.items() if key in set(keys)]
