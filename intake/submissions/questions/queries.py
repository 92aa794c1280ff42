"""What an offer asks now: questions, sections."""

from collections.abc import Iterable

from offers.models import GridLine, Offer, RulebookVersion
from offers.selectors import current_rulebook

from .offer_questions import GridQuestion, OfferQuestions
from .sections import SECTIONS, Section, sections_for


def read_offer_questions(offer: Offer, rulebook: RulebookVersion) -> OfferQuestions:
    """Return what `offer` asks of its candidates under `rulebook`: its criteria, and the lines of its grid of now."""
    lines = tuple(
        GridQuestion(
            number=line.pk, text=line.text, required=line.requirement == GridLine.Requirement.REQUIRED
        )
        for line in offer.grid_lines.order_by("position")
    )
    return OfferQuestions(rulebook.as_rulebook(), lines)


def asked_sections(offer: Offer) -> tuple[Section, ...]:
    """Return the sections that `offer` shows to a candidate now, each with the questions it asks.

    :raises RulebookVersion.DoesNotExist: the offer has no criteria yet.
    """
    return sections_for(read_offer_questions(offer, current_rulebook(offer)))


def sections_by_keys(offer: Offer, keys: Iterable[str]) -> list[Section]:
    """Return the groups of questions of these keys, as `offer` asks them; one that it dropped since, as any would."""
    asked = {section.key: section for section in (*SECTIONS, *asked_sections(offer))}
    return [section for key, section in asked.items() if key in set(keys)]
