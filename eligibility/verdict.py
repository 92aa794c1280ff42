"""Results of the rules: one finding per criterion, with its clause, and the verdict that combines them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Clause:
    """A quotation from the offer: its place (`reference`) and its text (`text`). Either may be None (unknown)."""

    reference: str | None = None
    text: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the JSON object of a clause (`docs/contracts.md`) without its empty fields: `{}` if all are."""
        json: dict[str, object] = {}
        if self.reference is not None:
            json["reference"] = self.reference
        if self.text is not None:
            json["text"] = self.text
        return json


class CriterionKind(StrEnum):
    """The kinds of criterion that a rulebook may contain (JSON key `kind`)."""

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
    """Whether a criterion counts in the verdict (BLOCK) or is only displayed (ADVISE)."""

    BLOCK = "BLOCK"
    ADVISE = "ADVISE"


class Outcome(StrEnum):
    """Outcome of a criterion. UNKNOWN: a fact is missing. HUMAN: a person must decide."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    UNKNOWN = "UNKNOWN"
    HUMAN = "HUMAN"


class VerdictOutcome(StrEnum):
    """Outcome of a complete rulebook."""

    ELIGIBLE = "ELIGIBLE"
    NEEDS_REVIEW = "NEEDS_REVIEW"
    INCOMPLETE = "INCOMPLETE"
    INELIGIBLE = "INELIGIBLE"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one criterion for one person.

    `observed` contains the data used and `would_pass` the bounds that pass, both ready for JSON (days as
    `YYYY-MM-DD`) and not to be changed. `would_pass` is empty if no answer of a person passes by itself.
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
        """Return the JSON object of a finding (`docs/contracts.md`)."""
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
        """Return the JSON object of a verdict (`docs/contracts.md`), findings in the rulebook's order."""
        return {
            "outcome": self.outcome.value,
            "rulebook_digest": self.rulebook_digest,
            "facts_digest": self.facts_digest,
            "findings": [finding.as_json() for finding in self.findings],
        }


def combine_findings(findings: Iterable[Finding]) -> VerdictOutcome:
    """Return the verdict of the BLOCK findings; ADVISE findings never change it.

    Any NOT_MET gives INELIGIBLE; else any UNKNOWN gives INCOMPLETE; else any HUMAN gives NEEDS_REVIEW; else ELIGIBLE.
    Source: `docs/rules.md#verdict`.
    """
    outcomes = {finding.outcome for finding in findings if finding.effect is Effect.BLOCK}
    if Outcome.NOT_MET in outcomes:
        return VerdictOutcome.INELIGIBLE
    if Outcome.UNKNOWN in outcomes:
        return VerdictOutcome.INCOMPLETE
    if Outcome.HUMAN in outcomes:
        return VerdictOutcome.NEEDS_REVIEW
    return VerdictOutcome.ELIGIBLE
