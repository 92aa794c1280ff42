"""Base class of the criteria: a clause of the offer, an effect, and a rule that returns a finding."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import ClassVar

from eligibility.bilingual import BilingualText, day
from eligibility.facts import Facts
from eligibility.verdict import Clause, CriterionKind, Effect, Finding, Outcome


class ReferenceDay(StrEnum):
    """The day of an offer for which a criterion evaluates a person (JSON key `on`): `docs/rules.md#reference-days`."""

    STARTS_ON = "starts_on"
    CLOSES_ON = "closes_on"


_REFERENCE_DAYS = {
    ReferenceDay.STARTS_ON: BilingualText("la date de début du stage", "the first day of the internship"),
    ReferenceDay.CLOSES_ON: BilingualText("la date limite d’inscription", "the closing date"),
}


@dataclass(frozen=True, slots=True)
class Days:
    """The two days of an offer: the first day of the stage, and the printed closing day."""

    starts_on: date
    closes_on: date

    def named(self, reference: ReferenceDay) -> date:
        """Return the day that `reference` names."""
        return self.starts_on if reference is ReferenceDay.STARTS_ON else self.closes_on

    def describe(self, reference: ReferenceDay) -> BilingualText:
        """Return the name and date of a reference day: `la date limite d’inscription, le 1er octobre 2023`."""
        return _describe_day(reference, self.named(reference))


@lru_cache(maxsize=256)
def _describe_day(reference: ReferenceDay, on: date) -> BilingualText:
    name, when = _REFERENCE_DAYS[reference], day(on)
    return BilingualText(f"{name.fr}, le {when.fr}", f"{name.en}, {when.en}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(ABC):
    """One criterion of a rulebook. Fields of subclasses are the parameters of the kind, named as in the JSON."""

    kind: ClassVar[CriterionKind]

    effect: Effect
    clause: Clause

    @abstractmethod
    def evaluate(self, facts: Facts, days: Days) -> Finding:
        """Evaluate these facts for an offer with these days."""

    def find(
        self,
        outcome: Outcome,
        *,
        observed: Mapping[str, object],
        reason: BilingualText,
        would_pass: Mapping[str, object],
    ) -> Finding:
        """Return this criterion's finding."""
        return Finding(
            self.kind, outcome, self.effect, observed, reason.fr, reason.en, would_pass, self.clause
        )

    def as_json(self) -> dict[str, object]:
        """Return the JSON object of a criterion: kind, effect, parameters, clause.

        A parameter that was added after the first release has a default, and is written only if it is another value, so
        that the digest of older rulebooks stays theirs.
        """
        json: dict[str, object] = {"kind": self.kind.value}
        for parameter in fields(self):
            value = getattr(self, parameter.name)
            if value != parameter.default:
                json[parameter.name] = _plain(value)
        json["clause"] = json.pop("clause")  # last, as in `docs/contracts.md`
        return json


def _plain(value: object) -> object:
    if isinstance(value, Clause):
        return value.as_json()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return value
