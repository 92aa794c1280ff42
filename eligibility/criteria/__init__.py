"""The criteria, one class per kind (`docs/contracts.md`). `docs/rules.md` gives the rule of each kind."""

from eligibility.criteria.age import Age
from eligibility.criteria.attestations import OnceOnly, Skills, Writing
from eligibility.criteria.base import Criterion, Days, ReferenceDay
from eligibility.criteria.legal_status import Domicile, LegalStatusCriterion
from eligibility.criteria.other import Other
from eligibility.criteria.residence import Residence
from eligibility.criteria.studies import Studies

__all__ = [
    "Age",
    "Criterion",
    "Days",
    "Domicile",
    "LegalStatusCriterion",
    "OnceOnly",
    "Other",
    "ReferenceDay",
    "Residence",
    "Skills",
    "Studies",
    "Writing",
]
