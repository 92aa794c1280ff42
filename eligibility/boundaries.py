"""Examples of fictitious people on both sides of each boundary of a criterion, with the criterion's own findings.

They show the bounds of a rulebook as days and answers. A day on which no outcome changes is not a boundary.
"""

from calendar import isleap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import MINYEAR, date, timedelta

from eligibility.ages import MONTHS_PER_YEAR, earliest_start, latest_start, plus
from eligibility.criteria.age import Age
from eligibility.criteria.attestations import OnceOnly, Skills, Writing
from eligibility.criteria.base import Criterion, Days
from eligibility.criteria.legal_status import Domicile, LegalStatusCriterion
from eligibility.criteria.residence import Residence
from eligibility.criteria.studies import Studies
from eligibility.facts import Facts, LegalStatus, Study, StudyLevel, StudyState
from eligibility.verdict import Finding

_ONE_DAY = timedelta(days=1)
# Provinces for an example that fails, the likeliest answer first; the next one serves if the offer accepts the first.
_OTHER_PROVINCES = ("ON", "NB", "QC", "BC")


@dataclass(frozen=True, slots=True)
class Example:
    """One fictitious person: the facts that the criterion reads, and its finding."""

    facts: Facts
    finding: Finding


@dataclass(frozen=True, slots=True)
class Boundary:
    """Two examples that differ by one day, the earlier day first, and have different outcomes."""

    before: Example
    after: Example


@dataclass(frozen=True, slots=True)
class BoundaryTable:
    """The examples of one criterion: its boundaries between days, then its other answers."""

    boundaries: tuple[Boundary, ...]
    answers: tuple[Example, ...]


def boundary_table(criterion: Criterion, days: Days) -> BoundaryTable:
    """Return the examples of one criterion for an offer with these days, in a fixed order and without duplicates."""

    def evaluate(facts: Facts) -> Example:
        return Example(facts, criterion.evaluate(facts, days))

    turning, answers = _sample_people(criterion, days)
    boundaries = tuple(_boundaries(evaluate, turning))
    used = {_key(example.facts) for each in boundaries for example in (each.before, each.after)}
    others: dict[str, Facts] = {}
    for facts in answers:
        if _key(facts) not in used:
            others.setdefault(_key(facts), facts)
    return BoundaryTable(boundaries, tuple(evaluate(facts) for facts in others.values()))


type _ChangeDay = tuple[date | None, Callable[[date], Facts]]
"""A day on which the outcome may change (None if none), and a function that returns facts with a given day."""
type _Samples = tuple[Iterable[_ChangeDay], Iterable[Facts]]


def _boundaries(evaluate: Callable[[Facts], Example], turning: Iterable[_ChangeDay]) -> Iterator[Boundary]:
    seen: set[str] = set()
    for first, person in turning:
        if first is None or first == date.min:
            continue
        facts = person(first)
        if _key(facts) in seen:
            continue
        seen.add(_key(facts))
        before, after = evaluate(person(first - _ONE_DAY)), evaluate(facts)
        if before.finding.outcome is not after.finding.outcome:
            yield Boundary(before, after)


def _key(facts: Facts) -> str:
    return str(facts.as_json())


def _day_after(day: date | None) -> date | None:
    return None if day is None or day == date.max else day + _ONE_DAY


def _sample_people(criterion: Criterion, days: Days) -> _Samples:  # noqa: PLR0911 -- one return for each kind
    match criterion:
        case Age():
            return _age_samples(criterion, days)
        case Studies():
            return _studies_samples(criterion, days)
        case Residence():
            return _residence_samples(criterion, days)
        case LegalStatusCriterion():
            refused = (status for status in reversed(LegalStatus) if status is not LegalStatus.OTHER)
            statuses = _with_one_refused(criterion.accepted, refused)
            return (), [Facts(legal_status=status) for status in statuses]
        case Domicile():
            provinces = _with_one_refused(criterion.provinces, _OTHER_PROVINCES)
            return (), [Facts(domicile_province=province) for province in provinces]
        case Writing():
            every = dict.fromkeys(criterion.languages, True)
            answers = (every, *(every | {language: False} for language in every))
            return (), [Facts(attests_writing=answer) for answer in answers]
        case Skills():
            return (), (Facts(attests_skills=answer) for answer in (True, False))
        case OnceOnly():
            return (), (
                Facts(past_participant=False, register_match=False),
                Facts(past_participant=True, register_match=False),
                Facts(past_participant=False, register_match=True),
            )
        case _:
            return (), (Facts(),)


def _age_samples(criterion: Age, days: Days) -> _Samples:
    on = days.named(criterion.on)
    limits = [(criterion.maximum + 1) * MONTHS_PER_YEAR, criterion.minimum * MONTHS_PER_YEAR]
    turning = [(_day_after(latest_start(on, months)), _facts_born_on) for months in limits]
    # 29 February, in the birth years of the two bounds: common years lack this birthday.
    years = [on.year - months // MONTHS_PER_YEAR for months in limits]
    return turning, [_facts_born_on(date(year, 2, 29)) for year in years if year >= MINYEAR and isleap(year)]


def _facts_born_on(on: date) -> Facts:
    return Facts(birth_date=on)


def _residence_samples(criterion: Residence, days: Days) -> _Samples:
    latest = latest_start(days.named(criterion.on), criterion.months)
    since = latest or date.min

    def attested(on: date, *, health: bool = True, tax: bool = True) -> Facts:
        return Facts(quebec_resident_since=on, resident_for_health_insurance=health, resident_for_tax=tax)

    answers = (attested(since), attested(since, health=False), attested(since, tax=False))
    return [(_day_after(latest), attested)], answers


def _studies_samples(criterion: Studies, days: Days) -> _Samples:
    starts_on, closes_on = days.starts_on, days.closes_on
    degree_from = earliest_start(starts_on, criterion.degree_window_months)
    after_finish = _day_after(plus(starts_on, criterion.finishing_within_months))
    turning: list[_ChangeDay] = [
        (degree_from, _completed(StudyLevel.MASTER)),
        (starts_on, _completed(StudyLevel.MASTER)),
        (degree_from, _completed(StudyLevel.GRADUATE_DIPLOMA)),
        (starts_on, _completed(StudyLevel.GRADUATE_DIPLOMA)),
        (closes_on, _in_progress(StudyLevel.MASTER)),
        (after_finish, _in_progress(StudyLevel.MASTER)),
    ]
    answers = [
        _completed(StudyLevel.MASTER)(max(date.min + _ONE_DAY, starts_on) - _ONE_DAY),
        _completed(StudyLevel.MASTER)(starts_on),
        _facts_with_study(Study(level=StudyLevel.DOCTORATE, state=StudyState.IN_PROGRESS)),
        _facts_with_study(Study(level=StudyLevel.BACHELOR, state=StudyState.IN_PROGRESS)),
        Facts(studies=(), bar_school=True, professional_order_stage=False),
        Facts(studies=(), bar_school=False, professional_order_stage=True),
        Facts(studies=(), bar_school=False, professional_order_stage=False),
    ]
    return turning, answers


def _facts_with_study(study: Study) -> Facts:
    return Facts(studies=(study,), bar_school=False, professional_order_stage=False)


def _completed(level: StudyLevel) -> Callable[[date], Facts]:
    return lambda day: _facts_with_study(Study(level=level, state=StudyState.COMPLETED, completed_on=day))


def _in_progress(level: StudyLevel) -> Callable[[date], Facts]:
    return lambda day: _facts_with_study(Study(level=level, state=StudyState.IN_PROGRESS, expected_on=day))


def _with_one_refused[Code: str](accepted: Sequence[Code], others: Iterable[Code]) -> list[Code]:
    return [*accepted, *[other for other in others if other not in accepted][:1]]
