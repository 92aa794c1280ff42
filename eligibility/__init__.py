"""The rules of eligibility: `evaluate` compares a person's facts with a rulebook and returns an explained verdict.

Standard library only; no clock, no input or output: the same arguments give the same verdict years later.
"""

from eligibility.facts import Facts, LegalStatus, Study, StudyLevel, StudyState
from eligibility.rulebook import Rulebook, evaluate
from eligibility.verdict import Clause, CriterionKind, Effect, Finding, Outcome, Verdict, VerdictOutcome

__all__ = [
    "Clause",
    "CriterionKind",
    "Effect",
    "Facts",
    "Finding",
    "LegalStatus",
    "Outcome",
    "Rulebook",
    "Study",
    "StudyLevel",
    "StudyState",
    "Verdict",
    "VerdictOutcome",
    "evaluate",
]
