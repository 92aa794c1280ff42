"""What the rules answer: one finding per criterion, and the verdict they add up to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from eligibility.clause import Clause


class CriterionKind(StrEnum):
    """The kinds of criterion a rulebook may hold (contract: rulebook, `kind`)."""

    STUDIES = "STUDIES"
    AGE = "AGE"
    LEGAL_STATUS = "LEGAL_STATUS"
    DOMICILE = "DOMICILE"
    RESIDENCE = "RESIDENCE"
    WRITING = "WRITING"
    SKILLS = "SKILLS"
    ONCE_ONLY = "ONCE_ONLY"
    OTHER = "OTHER"


class Effect(StrEnum):
    """Whether a criterion counts in the verdict (BLOCK) or is only shown (ADVISE)."""

    BLOCK = "BLOCK"
    ADVISE = "ADVISE"


class Outcome(StrEnum):
    """What a criterion says of a person: UNKNOWN lacks an answer, HUMAN needs a person's judgement."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    UNKNOWN = "UNKNOWN"
    HUMAN = "HUMAN"


class VerdictOutcome(StrEnum):
    """What the whole rulebook says of a person."""

    ELIGIBLE = "ELIGIBLE"
    NEEDS_REVIEW = "NEEDS_REVIEW"
    INCOMPLETE = "INCOMPLETE"
    INELIGIBLE = "INELIGIBLE"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one criterion found.

    `observed` holds the data used and `would_pass` the bounds that pass, both ready for JSON (days as
    `YYYY-MM-DD`); nobody changes them. `would_pass` is empty when nothing a person could answer passes by itself.
    """

    kind: CriterionKind
    outcome: Outcome
    effect: Effect
    observed: Mapping[str, object] = field(hash=False)
    reason_fr: str
    reason_en: str
    would_pass: Mapping[str, object] = field(hash=False)
    clause: Clause

    def as_json(self) -> dict[str, object]:
        """Return the contract's object."""
        return {
            "kind": self.kind.value,
            "outcome": self.outcome.value,
            "effect": self.effect.value,
            "observed": self.observed,
            "reason_fr": self.reason_fr,
            "reason_en": self.reason_en,
            "would_pass": self.would_pass,
            "clause": self.clause.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a rulebook for one person's facts, with both digests so that it can be replayed."""

    outcome: VerdictOutcome
    rulebook_digest: str
    facts_digest: str
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, object]:
        """Return the contract's object, findings in the rulebook's order."""
        return {
            "outcome": self.outcome.value,
            "rulebook_digest": self.rulebook_digest,
            "facts_digest": self.facts_digest,
            "findings": [finding.as_json() for finding in self.findings],
        }


def combine_findings(findings: Iterable[Finding]) -> VerdictOutcome:
    """Return the verdict of these findings; ADVISE ones never change it.

    Contract, "Verdict, over BLOCK findings": any NOT_MET INELIGIBLE; else any UNKNOWN INCOMPLETE; else any
    HUMAN NEEDS_REVIEW; else ELIGIBLE.
    """
    outcomes = {finding.outcome for finding in findings if finding.effect is Effect.BLOCK}
    if Outcome.NOT_MET in outcomes:
        return VerdictOutcome.INELIGIBLE
    if Outcome.UNKNOWN in outcomes:
        return VerdictOutcome.INCOMPLETE
    if Outcome.HUMAN in outcomes:
        return VerdictOutcome.NEEDS_REVIEW
    return VerdictOutcome.ELIGIBLE
