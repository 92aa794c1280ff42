"""AGE: the age of a person on a reference day of the offer."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import ClassVar

from eligibility.ages import MONTHS_PER_YEAR, completed_years, latest_start
from eligibility.bilingual import BilingualText, day, years
from eligibility.criteria.base import Criterion, Days, ReferenceDay
from eligibility.facts import Facts
from eligibility.verdict import CriterionKind, Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Age(Criterion):
    """Require completed years on day `on` from `minimum` to `maximum`, both inclusive. Unit: years.

    Clause: "Avoir au moins 18 ans et au plus 35 ans à la date de début du stage" (offer 2023-020).
    A birthday of 29 February falls on 1 March in common years: `docs/rules.md#ages-and-durations`.
    """

    kind: ClassVar = CriterionKind.AGE

    minimum: int
    maximum: int
    on: ReferenceDay

    def evaluate(self, facts: Facts, days: Days) -> Finding:
        """Evaluate the age. UNKNOWN if the birth date is missing."""
        on = days.named(self.on)
        birth_date = facts.birth_date
        if birth_date is None:
            age, outcome, reason = None, Outcome.UNKNOWN, self._missing(days)
        else:
            age = completed_years(birth_date, on)
            outcome = Outcome.MET if self.minimum <= age <= self.maximum else Outcome.NOT_MET
            reason = self._reason(birth_date, age, days)
        return self.find(
            outcome,
            observed={
                "birth_date": None if birth_date is None else birth_date.isoformat(),
                "age": age,
                "on": on.isoformat(),
            },
            reason=reason,
            would_pass=dict(_birth_dates(on, self.minimum, self.maximum)),
        )

    def _missing(self, days: Days) -> BilingualText:
        required, on = self._range(), days.describe(self.on)
        return BilingualText(
            f"Il manque votre date de naissance ; l’offre demande {required.fr} à {on.fr}.",
            f"Your date of birth is missing; the offer asks for {required.en} on {on.en}.",
        )

    def _reason(self, birth_date: date, age: int, days: Days) -> BilingualText:
        born, on = day(birth_date), days.describe(self.on)
        if age < self.minimum:
            least = years(self.minimum)
            required = BilingualText(f"au moins {least.fr}", f"an age of at least {least.en}")
        elif age > self.maximum:
            required = _at_most(self.maximum)
        else:
            required = self._range()
        if birth_date > days.named(self.on):
            observed = BilingualText(
                f"Votre date de naissance, le {born.fr}, vient après {on.fr}",
                f"Your date of birth, {born.en}, comes after {on.en}",
            )
        else:
            aged = years(age)
            observed = BilingualText(
                f"Votre date de naissance, le {born.fr}, vous donne {aged.fr} à {on.fr}",
                f"Your date of birth, {born.en}, makes you {aged.en} old on {on.en}",
            )
        return BilingualText(
            f"{observed.fr} ; l’offre demande {required.fr} à cette date.",
            f"{observed.en}; the offer asks for {required.en} on that day.",
        )

    def _range(self) -> BilingualText:
        most = years(self.maximum)
        if self.minimum == self.maximum:
            return BilingualText(most.fr, f"an age of {most.en}")
        if self.minimum == 0:
            return _at_most(self.maximum)
        return BilingualText(f"de {self.minimum} à {most.fr}", f"an age of {self.minimum} to {most.en}")


def _at_most(age: int) -> BilingualText:
    most = years(age)
    return BilingualText(f"au plus {most.fr}", f"an age of at most {most.en}")


@lru_cache(maxsize=256)
def _birth_dates(on: date, minimum: int, maximum: int) -> tuple[tuple[str, str], ...]:
    """Return the first and last birth dates that pass, both inclusive; empty if the calendar has no such day."""
    last = latest_start(on, minimum * MONTHS_PER_YEAR)
    if last is None:
        return ()
    too_old = latest_start(on, (maximum + 1) * MONTHS_PER_YEAR)
    first = date.min if too_old is None else too_old + timedelta(days=1)
    return (("birth_date_from", first.isoformat()), ("birth_date_to", last.isoformat()))
