"""RESIDENCE: the time for which a person has been a resident of Québec under its health insurance and tax laws."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import ClassVar

from eligibility.ages import latest_start, plus
from eligibility.bilingual import BilingualText, all_of, day, duration, none_of
from eligibility.criteria.base import Criterion, Days, ReferenceDay
from eligibility.facts import Facts
from eligibility.verdict import CriterionKind, Finding, Outcome

_SINCE = BilingualText(
    "la date depuis laquelle vous résidez au Québec", "the date since which you have lived in Québec"
)
_HEALTH_ANSWER = BilingualText(
    "votre réponse sur la résidence au sens de l’assurance maladie",
    "your answer about residence for health insurance",
)
_TAX_ANSWER = BilingualText(
    "votre réponse sur la résidence au sens de l’impôt du Québec",
    "your answer about residence for tax",
)
_HEALTH = BilingualText("au sens de l’assurance maladie", "for health insurance")
_TAX = BilingualText("au sens de l’impôt du Québec", "for tax")


@dataclass(frozen=True, slots=True, kw_only=True)
class Residence(Criterion):
    """Require residence in Québec, for health insurance and for tax, since `months` calendar months on day `on`.

    Clause: "Être résident(e) du Québec au sens de la Loi et du Règlement sur l’assurance maladie et de la Loi et
    du Règlement sur l’impôt du Québec depuis au moins un an" (offer 2023-020). The reference day and the number
    of months are data, since offers differ: `docs/rules.md#residence`.
    Either attestation false NOT_MET; else any of the three null UNKNOWN; else MET if
    `plus(quebec_resident_since, months)` is that day or earlier, else NOT_MET.
    """

    kind: ClassVar = CriterionKind.RESIDENCE

    months: int
    on: ReferenceDay

    def evaluate(self, facts: Facts, days: Days) -> Finding:
        """Evaluate both attestations, then the first day of residence."""
        on = days.named(self.on)
        since = facts.quebec_resident_since
        health, tax = facts.resident_for_health_insurance, facts.resident_for_tax
        if health is False or tax is False:
            outcome, reason = Outcome.NOT_MET, self._denied_finding(days, health=health, tax=tax)
        elif since is None or health is None or tax is None:
            outcome, reason = Outcome.UNKNOWN, self._missing(days, since, health=health, tax=tax)
        else:
            reached_on = plus(since, self.months)
            met = reached_on is not None and reached_on <= on
            outcome = Outcome.MET if met else Outcome.NOT_MET
            reason = self._dated_finding(days, since, met=met)
        would_pass: dict[str, object] = {"resident_for_health_insurance": True, "resident_for_tax": True}
        latest = latest_start(on, self.months)
        if latest is not None:
            would_pass["quebec_resident_since_to"] = latest.isoformat()
        return self.find(
            outcome,
            observed={
                "quebec_resident_since": None if since is None else since.isoformat(),
                "resident_for_health_insurance": health,
                "resident_for_tax": tax,
                "on": on.isoformat(),
            },
            reason=reason,
            # No day passes if the duration is longer than the calendar.
            would_pass=would_pass if latest is not None else {},
        )

    def _denied_finding(self, days: Days, *, health: bool | None, tax: bool | None) -> BilingualText:
        senses = [sense for sense, answer in ((_HEALTH, health), (_TAX, tax)) if answer is False]
        denied, asked = none_of(senses), _requirement_text(self.months, days.describe(self.on))
        return BilingualText(
            f"Vous avez répondu ne pas résider au Québec {denied.fr} ; {asked.fr},"
            " au sens de l’assurance maladie et de l’impôt.",
            f"You answered that you are not a resident of Québec {denied.en}; {asked.en},"
            " for health insurance and for tax.",
        )

    def _missing(
        self, days: Days, since: date | None, *, health: bool | None, tax: bool | None
    ) -> BilingualText:
        answers = ((_SINCE, since), (_HEALTH_ANSWER, health), (_TAX_ANSWER, tax))
        names = [name for name, answer in answers if answer is None]
        missing, asked = all_of(names), _requirement_text(self.months, days.describe(self.on))
        lack = "is" if len(names) == 1 else "are"
        return BilingualText(
            f"Il manque {missing.fr} ; {asked.fr}.",
            f"{missing.en[0].upper()}{missing.en[1:]} {lack} missing; {asked.en}.",
        )

    def _dated_finding(self, days: Days, since: date, *, met: bool) -> BilingualText:
        declared, asked = day(since), _requirement_text(self.months, days.describe(self.on))
        latest = None if met else latest_start(days.named(self.on), self.months)
        bound = BilingualText("", "")
        if latest is not None:
            last = day(latest)
            bound = BilingualText(
                f", donc depuis le {last.fr} au plus tard", f", that is, since {last.en} at the latest"
            )
        return BilingualText(
            f"Vous avez déclaré résider au Québec depuis le {declared.fr} ; {asked.fr}{bound.fr}.",
            f"You declared that you have lived in Québec since {declared.en}; {asked.en}{bound.en}.",
        )


@lru_cache(maxsize=256)
def _requirement_text(months: int, on: BilingualText) -> BilingualText:
    if months == 0:
        return BilingualText(
            f"l’offre demande de résider au Québec à {on.fr}",
            f"the offer asks for residence in Québec on {on.en}",
        )
    length = duration(months)
    return BilingualText(
        f"l’offre demande au moins {length.fr} de résidence au Québec à {on.fr}",
        f"the offer asks for at least {length.en} of residence in Québec on {on.en}",
    )
