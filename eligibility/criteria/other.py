"""OTHER: a sentence of the offer that only a person can assess."""

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
    """A clause that no rule can evaluate: a person assesses it.

    Kind OTHER is always HUMAN, and is the only kind that may repeat: `docs/rules.md#other-criteria`.
    """

    kind: ClassVar = CriterionKind.OTHER

    def evaluate(self, facts: Facts, days: Days) -> Finding:  # noqa: ARG002 -- the signature of Criterion.evaluate
        """Return HUMAN for all facts."""
        return self.find(Outcome.HUMAN, observed={}, reason=_REASON, would_pass={})
