"""Rulebooks: the criteria of one offer and its two reference days. `evaluate` applies one to a person's facts."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from eligibility.canonical import digest
from eligibility.criteria.base import Criterion, Days
from eligibility.facts import Facts
from eligibility.verdict import Verdict, combine_findings

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """The criteria of one offer, in the order in which their findings are shown.

    `reference` is the offer's number, None if it has none yet. `starts_on` is the first day of the stage and
    `closes_on` the printed closing day, both in the offer's own time zone.
    """

    reference: str | None
    starts_on: date
    closes_on: date
    criteria: tuple[Criterion, ...]

    def as_json(self) -> dict[str, object]:
        """Return the JSON object of the rulebook (`docs/contracts.md`), defaults written out."""
        return {
            "schema": SCHEMA,
            "reference": self.reference,
            "starts_on": self.starts_on.isoformat(),
            "closes_on": self.closes_on.isoformat(),
            "criteria": [criterion.as_json() for criterion in self.criteria],
        }

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of this rulebook's canonical JSON, computed once."""
        return digest(self.as_json())

    @cached_property
    def days(self) -> Days:
        """The two reference days of the criteria."""
        return Days(self.starts_on, self.closes_on)


def evaluate(rulebook: Rulebook, facts: Facts) -> Verdict:
    """Evaluate `facts` against `rulebook`, on any day: one finding per criterion, in order, ADVISE included."""
    findings = tuple(criterion.evaluate(facts, rulebook.days) for criterion in rulebook.criteria)
    return Verdict(combine_findings(findings), rulebook.digest, facts.digest, findings)
