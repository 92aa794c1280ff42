"""OTHER: a sentence of the offer that only people can judge."""

from dataclasses import dataclass
from typing import ClassVar

from eligibility.bilingual import BilingualText
from eligibility.criteria.base import Criterion, Days
from eligibility.facts import Facts
from eligibility.verdict import CriterionKind, Finding, Outcome

_REASON = BilingualText(
    "Cette exigence de l’offre ne se vérifie pas automatiquement ; une personne la jugera à la lecture de votre"
    " dossier.",
    "This requirement of the offer cannot be checked automatically; a person will judge it when reading your"
    " application.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Criterion):
    """Hand a clause that no rule can judge to a person.

    Contract: "Kind OTHER (a sentence only people can judge) is always HUMAN and alone may repeat."
    """

    kind: ClassVar = CriterionKind.OTHER

    def evaluate(self, facts: Facts, days: Days) -> Finding:  # noqa: ARG002 -- every criterion is asked the same way
        """Answer HUMAN whatever the facts."""
        return self.find(Outcome.HUMAN, observed={}, reason=_REASON, would_pass={})
