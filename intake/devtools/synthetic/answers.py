"""Answers of invented people to the questions of an offer: admitted by its rulebook, for a person, or refused."""

import random
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from eligibility import Rulebook
from eligibility.ages import latest_start, plus
from eligibility.criteria.age import Age
from eligibility.criteria.attestations import OnceOnly, Skills, Writing
from eligibility.criteria.base import Criterion
from eligibility.criteria.legal_status import Domicile, LegalStatusCriterion
from eligibility.criteria.residence import Residence
from eligibility.criteria.studies import Studies
from eligibility.facts import LegalStatus
from intake.submissions.questions.forms import LANGUAGE_LEVELS, WRITING_PREFIX
from intake.submissions.questions.offer_questions import (
    GRID,
    OfferQuestions,
    required_questions,
)

MONTHS_PER_YEAR: Final = 12
_USUAL_AGE, _MAX_STAY = 26, 20 * 365
_FIRST_STATUS_WEIGHT: Final = 5  # weights: 5 for the first status, 1 more for each, the first included
_HERE_SINCE_BIRTH, _IN_DOCTORATE, _STILL_STUDYING = 0.7, 0.2, 0.8  # shares of 1; 0.8 includes the 0.2

_FIELDS: Final = (
    *("Droit international", "Éthique appliquée", "Science politique", "Informatique", "Santé mondiale"),
    *(
        "Études autochtones",
        "Économie du développement",
        "Génie de l’environnement",
        "Communication publique",
    ),
)
_SCHOOLS: Final = (
    *("Université Laval", "Université de Montréal", "Université McGill", "Université de Sherbrooke"),
    *("Université du Québec à Rimouski", "École nationale d’administration publique", "HEC Montréal"),
)


_OTHER_LANGUAGES: Final = (
    None,
    None,
    "Espagnol, avancé",
    "Arabe, langue maternelle ; allemand, notions",
    "Innu-aimun",
)
_GRID_ANSWERS: Final = (
    "Deux ans d’assistanat de recherche sur ce sujet, à temps partiel, avec des données publiques.",
    "Stage d’été dans un organisme de coopération : notes d’analyse, tableau de bord, trois ateliers.",
    "Mémoire en cours sur une question voisine ; revue de soixante articles et quatorze entretiens.",
    "Bénévolat de trois ans dans une association étudiante, trésorerie et organisation comprises.",
)
_TELLS_OF_ASSETS: Final = 0.5  # share of the grid lines that are not required


class ExpectedResult(StrEnum):
    """Verdict at which the answers of an invented person aim. The rules decide the real one."""

    ADMITTED = "ADMITTED"
    FOR_A_PERSON = "FOR_A_PERSON"
    REFUSED = "REFUSED"


def draw_answers(
    *, asks: OfferQuestions, expected: ExpectedResult, on: date, chance: random.Random
) -> dict[str, Any]:
    """Draw a person's answers to what an offer `asks`, without name and address; no day is later than today, `on`."""
    rulebook = asks.rulebook
    born = _born(rulebook, on, chance)
    answers: dict[str, Any] = {"birth_date": born.isoformat()}
    for criterion in rulebook.criteria:
        answers |= _admitted(criterion, rulebook, born, on, chance)
    if expected is ExpectedResult.FOR_A_PERSON:
        answers |= _needs_review(rulebook, chance)
    if expected is ExpectedResult.REFUSED:
        answers |= _refused_answer(rulebook, chance)
    answers |= {level: chance.choice(("INTERMEDIATE", "ADVANCED", "FLUENT")) for level in LANGUAGE_LEVELS}
    answers["other_languages"] = chance.choice(_OTHER_LANGUAGES)
    required = required_questions(rulebook)
    answers = {key: value for key, value in answers.items() if key in required}
    if asks.lines:
        lines = [line for line in asks.lines if line.required or chance.random() < _TELLS_OF_ASSETS]
        answers[GRID] = {str(line.number): chance.choice(_GRID_ANSWERS) for line in lines}
    return answers


def _born(rulebook: Rulebook, on: date, chance: random.Random) -> date:
    """Draw a birth date whose age in completed years meets the age criterion, if there is one."""
    age = next((criterion for criterion in rulebook.criteria if isinstance(criterion, Age)), None)
    if age is None:
        return min(rulebook.starts_on, on) - timedelta(days=_USUAL_AGE * 365 + chance.randrange(2000))
    # From the first birth date that is too young back to the last one that is too old, in days.
    day = rulebook.days.named(age.on)
    youngest = _years_before(day, age.minimum)
    oldest = _years_before(day, age.maximum + 1) + timedelta(days=1)
    room = (youngest - oldest).days
    # The product of two draws: most people are near the youngest age.
    back = round(room * (0.1 + 0.8 * chance.random() * chance.random()))
    return min(youngest - timedelta(days=back), on)


def _years_before(day: date, years: int) -> date:
    return latest_start(day, years * MONTHS_PER_YEAR) or date.min


def _admitted(
    criterion: Criterion, rulebook: Rulebook, born: date, on: date, chance: random.Random
) -> dict[str, Any]:
    """Return answers that `criterion` admits; none where only a person can decide."""
    answers: dict[str, Any] = {}
    match criterion:
        case Residence():
            answers = _residence(criterion, rulebook, born, on, chance)
        case Studies():
            study = _study(_draw_programme(criterion, rulebook, chance), chance)
            answers = {"studies": [study], "bar_school": False, "professional_order_stage": False}
        case Writing(languages=languages):
            answers = {f"{WRITING_PREFIX}{language}": True for language in languages}
        case LegalStatusCriterion(accepted=accepted):
            # Most people have the status that the offer names first.
            status = chance.choice([*[accepted[0]] * _FIRST_STATUS_WEIGHT, *accepted])
            answers = {"legal_status": status.value}
        case Domicile(provinces=provinces):
            answers = {"domicile_province": chance.choice(provinces)}
        case Skills():
            answers = {"attests_skills": True}
        case OnceOnly():
            answers = {"past_participant": False}
    return answers


def _residence(
    criterion: Residence, rulebook: Rulebook, born: date, on: date, chance: random.Random
) -> dict[str, Any]:
    latest = latest_start(rulebook.days.named(criterion.on), criterion.months) or born
    here_since_birth = chance.random() < _HERE_SINCE_BIRTH
    days = min((min(latest, on) - born).days, _MAX_STAY)
    since = (
        born if here_since_birth or days <= 0 else min(latest, on) - timedelta(days=chance.randrange(days))
    )
    return {
        "quebec_resident_since": since.isoformat(),
        "resident_for_health_insurance": True,
        "resident_for_tax": True,
    }


type _Programme = tuple[str, str, date | None]  # level, state, day


def _draw_programme(criterion: Studies, rulebook: Rulebook, chance: random.Random) -> _Programme:
    starts_on, closes_on = rulebook.starts_on, rulebook.closes_on
    way = chance.random()
    if way < _IN_DOCTORATE:
        return ("DOCTORATE", "IN_PROGRESS", plus(starts_on, chance.randrange(36)))
    finish_by = plus(starts_on, criterion.finishing_within_months) or starts_on
    if way < _STILL_STUDYING or criterion.degree_window_months < 1:
        until = closes_on + timedelta(days=chance.randrange(max((finish_by - closes_on).days, 1)))
        return ("MASTER", "IN_PROGRESS", until)
    from_on = latest_start(starts_on, criterion.degree_window_months) or starts_on
    completed = closes_on - timedelta(days=1 + chance.randrange(max((closes_on - from_on).days - 1, 1)))
    return (chance.choice(("MASTER", "DOCTORATE")), "COMPLETED", completed)


def _study(programme: _Programme, chance: random.Random) -> dict[str, Any]:
    level, state, day = programme
    text = day.isoformat() if day else None
    return {
        "level": level,
        "field_of_study": chance.choice(_FIELDS),
        "institution": chance.choice(_SCHOOLS),
        "state": state,
        "completed_on": text if state == "COMPLETED" else None,
        "expected_on": None if state == "COMPLETED" else text,
    }


def _needs_review(rulebook: Rulebook, chance: random.Random) -> dict[str, Any]:
    """Return answers that only a person can assess: a programme that ends later than the offer allows."""
    for criterion in rulebook.criteria:
        if isinstance(criterion, Studies):
            months = criterion.finishing_within_months + 1 + chance.randrange(18)
            late = plus(rulebook.starts_on, months)
            return {"studies": [_study(("MASTER", "IN_PROGRESS", late), chance)]}
    return {}


def _refused_answer(rulebook: Rulebook, chance: random.Random) -> dict[str, Any]:
    """Return one answer that a criterion of the offer refuses, or none if no criterion can refuse."""
    refused = [_refused_by(criterion, rulebook) for criterion in rulebook.criteria]
    answers = [answer for answer in refused if answer is not None]
    return chance.choice(answers) if answers else {}


def _refused_by(criterion: Criterion, rulebook: Rulebook) -> dict[str, Any] | None:
    match criterion:
        case Age(on=on, maximum=maximum):
            return {"birth_date": _years_before(rulebook.days.named(on), maximum + 2).isoformat()}
        case LegalStatusCriterion(accepted=accepted):
            other = next((status for status in reversed(LegalStatus) if status not in accepted), None)
            return {"legal_status": other.value} if other else {}
        case OnceOnly():
            return {"past_participant": True}
        case Studies():
            long_ago = rulebook.starts_on - timedelta(days=12 * 365)
            any_school = random.Random(0)  # noqa: S311 -- any school will do
            return {"studies": [_study(("MASTER", "COMPLETED", long_ago), any_school)]}
    return None
