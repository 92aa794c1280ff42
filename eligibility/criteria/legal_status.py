"""LEGAL_STATUS and DOMICILE: criteria that look up one answer in a list of the offer."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from eligibility.bilingual import STATUSES, BilingualText, any_of, place
from eligibility.criteria.base import Criterion, Days
from eligibility.facts import Facts, LegalStatus
from eligibility.verdict import CriterionKind, Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalStatusCriterion(Criterion):
    """Require one of the `accepted` legal statuses.

    Clause: "Détenir la citoyenneté canadienne ou le statut de résident permanent du Canada" (offer 2023-020).
    Null UNKNOWN; in the list MET; else NOT_MET: `docs/rules.md#citizenship`.
    """

    kind: ClassVar = CriterionKind.LEGAL_STATUS

    accepted: tuple[LegalStatus, ...]

    def evaluate(self, facts: Facts, days: Days) -> Finding:  # noqa: ARG002 -- the signature of Criterion.evaluate
        """Evaluate the declared status."""
        status = facts.legal_status
        asked = _statuses(self.accepted)
        if status is None:
            outcome = Outcome.UNKNOWN
            reason = BilingualText(
                f"Il manque votre statut au Canada ; l’offre demande {asked.fr}.",
                f"Your status in Canada is missing; the offer asks for {asked.en}.",
            )
        elif status in self.accepted:
            outcome, held = Outcome.MET, STATUSES[status]
            reason = BilingualText(
                f"Vous avez déclaré {held.fr}, ce que l’offre accepte.",
                f"You declared {held.en}, which the offer accepts.",
            )
        else:
            outcome, held = Outcome.NOT_MET, STATUSES[status]
            reason = BilingualText(
                f"Vous avez déclaré {held.fr} ; l’offre demande {asked.fr}.",
                f"You declared {held.en}; the offer asks for {asked.en}.",
            )
        return self.find(
            outcome,
            observed={"legal_status": None if status is None else status.value},
            reason=reason,
            would_pass={"accepted": [accepted.value for accepted in self.accepted]},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Domicile(Criterion):
    """Require a domicile in one of the `provinces` (two-letter postal codes of provinces or territories, or OUTSIDE).

    Clause: "Être domicilié(e) au Québec" (offer 2023-020).
    Null UNKNOWN; in the list MET; else NOT_MET: `docs/rules.md#domicile`.
    """

    kind: ClassVar = CriterionKind.DOMICILE

    provinces: tuple[str, ...]

    def evaluate(self, facts: Facts, days: Days) -> Finding:  # noqa: ARG002 -- the signature of Criterion.evaluate
        """Evaluate the declared province of domicile."""
        province = facts.domicile_province
        asked = _places(self.provinces)
        if province is None:
            outcome = Outcome.UNKNOWN
            reason = BilingualText(
                f"Il manque la province ou le territoire de votre domicile ; l’offre demande un domicile {asked.fr}.",
                f"The province or territory of your domicile is missing; the offer asks for a domicile {asked.en}.",
            )
        elif province in self.provinces:
            outcome, declared = Outcome.MET, place(province)
            reason = BilingualText(
                f"Vous avez déclaré un domicile {declared.fr}, ce que l’offre accepte.",
                f"You declared a domicile {declared.en}, which the offer accepts.",
            )
        else:
            outcome, declared = Outcome.NOT_MET, place(province)
            reason = BilingualText(
                f"Vous avez déclaré un domicile {declared.fr} ; l’offre demande un domicile {asked.fr}.",
                f"You declared a domicile {declared.en}; the offer asks for a domicile {asked.en}.",
            )
        return self.find(
            outcome,
            observed={"domicile_province": province},
            reason=reason,
            would_pass={"provinces": list(self.provinces)},
        )


@lru_cache(maxsize=256)
def _statuses(accepted: tuple[LegalStatus, ...]) -> BilingualText:
    return any_of(STATUSES[status] for status in accepted)


@lru_cache(maxsize=256)
def _places(provinces: tuple[str, ...]) -> BilingualText:
    return any_of(place(province) for province in provinces)
