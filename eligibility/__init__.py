"""The rules of eligibility: a rulebook and a person's facts in, a verdict that explains itself out.

Standard library only; no clock and no input or output, so that a verdict can be replayed years later.
"""

from eligibility.clause import Clause
from eligibility.facts import Facts, LegalStatus, Study, StudyLevel, StudyState
from eligibility.rulebook import Rulebook, evaluate
from eligibility.verdict import CriterionKind, Effect, Finding, Outcome, Verdict, VerdictOutcome

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
