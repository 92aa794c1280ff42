"""RESIDENCE: the time for which a person has been a resident of Québec under its health insurance and tax laws."""

from collections.abc import Mapping
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
        required = _requirement_text(self.months, days.describe(self.on))
        latest = latest_start(on, self.months)
        if health is False or tax is False:
            outcome, reason = Outcome.NOT_MET, _denied_text(required, health=health, tax=tax)
        elif since is None or health is None or tax is None:
            answers = {_SINCE: since, _HEALTH_ANSWER: health, _TAX_ANSWER: tax}
            outcome, reason = Outcome.UNKNOWN, _missing_text(required, answers)
        else:
            reached_on = plus(since, self.months)
            if reached_on is not None and reached_on <= on:
                outcome, reason = Outcome.MET, _dated_text(required, since, None)
            else:
                outcome, reason = Outcome.NOT_MET, _dated_text(required, since, latest)
        would_pass: dict[str, object] = {}
        if latest is not None:  # else no day passes: the duration is longer than the calendar
            would_pass = {
                "resident_for_health_insurance": True,
                "resident_for_tax": True,
                "quebec_resident_since_to": latest.isoformat(),
            }
        return self.find(
            outcome,
            observed={
                "quebec_resident_since": None if since is None else since.isoformat(),
                "resident_for_health_insurance": health,
                "resident_for_tax": tax,
                "on": on.isoformat(),
            },
            reason=reason,
            would_pass=would_pass,
        )


def _denied_text(required: BilingualText, *, health: bool | None, tax: bool | None) -> BilingualText:
    denied = none_of(sense for sense, answer in ((_HEALTH, health), (_TAX, tax)) if answer is False)
    return BilingualText(
        f"Vous avez répondu ne pas résider au Québec {denied.fr} ; {required.fr},"
        " au sens de l’assurance maladie et de l’impôt.",
        f"You answered that you are not a resident of Québec {denied.en}; {required.en},"
        " for health insurance and for tax.",
    )


def _missing_text(required: BilingualText, answers: Mapping[BilingualText, object]) -> BilingualText:
    names = [name for name, answer in answers.items() if answer is None]
    missing, lack = all_of(names), "is" if len(names) == 1 else "are"
    return BilingualText(
        f"Il manque {missing.fr} ; {required.fr}.",
        f"{missing.en[0].upper()}{missing.en[1:]} {lack} missing; {required.en}.",
    )


def _dated_text(required: BilingualText, since: date, latest: date | None) -> BilingualText:
    """Return the reason of a first day of residence. `latest` is the last day that would pass, None if not stated."""
    declared, bound = day(since), BilingualText("", "")
    if latest is not None:
        last = day(latest)
        bound = BilingualText(
            f", donc depuis le {last.fr} au plus tard", f", that is, since {last.en} at the latest"
        )
    return BilingualText(
        f"Vous avez déclaré résider au Québec depuis le {declared.fr} ; {required.fr}{bound.fr}.",
        f"You declared that you have lived in Québec since {declared.en}; {required.en}{bound.en}.",
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
