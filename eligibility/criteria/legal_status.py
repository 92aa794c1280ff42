"""LEGAL_STATUS and DOMICILE: criteria that look up one answer in a list of the offer."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from eligibility.bilingual import STATUSES, BilingualText, any_of, place
from eligibility.criteria.base import Criterion, Days
from eligibility.facts import Facts, LegalStatus
from eligibility.verdict import CriterionKind, Finding, Outcome

_STATUS_MISSING = BilingualText("votre statut au Canada", "Your status in Canada")
_DOMICILE_MISSING = BilingualText(
    "la province ou le territoire de votre domicile", "The province or territory of your domicile"
)


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
        outcome, reason = _compare(
            None if status is None else STATUSES[status],
            _statuses(self.accepted),
            accepted=status in self.accepted,
            missing=_STATUS_MISSING,
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
        outcome, reason = _compare(
            None if province is None else _domicile((province,)),
            _domicile(self.provinces),
            accepted=province in self.provinces,
            missing=_DOMICILE_MISSING,
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
def _domicile(provinces: tuple[str, ...]) -> BilingualText:
    places = any_of(place(province) for province in provinces)
    return BilingualText(f"un domicile {places.fr}", f"a domicile {places.en}")


def _compare(
    declared: BilingualText | None, required: BilingualText, *, accepted: bool, missing: BilingualText
) -> tuple[Outcome, BilingualText]:
    if declared is None:
        return Outcome.UNKNOWN, BilingualText(
            f"Il manque {missing.fr} ; l’offre demande {required.fr}.",
            f"{missing.en} is missing; the offer asks for {required.en}.",
        )
    if accepted:
        return Outcome.MET, BilingualText(
            f"Vous avez déclaré {declared.fr}, ce que l’offre accepte.",
            f"You declared {declared.en}, which the offer accepts.",
        )
    return Outcome.NOT_MET, BilingualText(
        f"Vous avez déclaré {declared.fr} ; l’offre demande {required.fr}.",
        f"You declared {declared.en}; the offer asks for {required.en}.",
    )
