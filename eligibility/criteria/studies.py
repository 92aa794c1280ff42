"""STUDIES: a criterion that one programme of study, the bar school or a professional order can meet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import ClassVar

from eligibility.ages import earliest_start, plus
from eligibility.criteria.base import Criterion, Days
from eligibility.criteria.branches import Branch, Grounds, StudyTerms, describe_branches
from eligibility.facts import Facts, Study, StudyLevel, StudyState
from eligibility.verdict import CriterionKind, Finding, Outcome

_BEST_FIRST = (Outcome.MET, Outcome.UNKNOWN, Outcome.HUMAN, Outcome.NOT_MET)
_TOO_LOW = frozenset({StudyLevel.BACHELOR, StudyLevel.OTHER})
_BAR_SCHOOL = {True: Grounds.BAR_SCHOOL, False: Grounds.NO_BAR_SCHOOL, None: Grounds.BAR_SCHOOL_NOT_GIVEN}
_ORDER_STAGE = {True: Grounds.ORDER_STAGE, False: Grounds.NO_ORDER_STAGE, None: Grounds.ORDER_STAGE_NOT_GIVEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies(Criterion):
    """Require graduate studies in progress or recently completed, the bar school, or a professional order's stage.

    `degree_window_months`: maximum age of a degree at the start of the stage. `finishing_within_months`: latest end
    of second-cycle studies after that start. Unit of both: calendar months. `bar_school` and
    `professional_order_stage`: false removes that branch.
    Clause: "Être en voie de terminer des études de 2e ou être inscrit(e) au 3e cycle ou avoir obtenu un diplôme de
    maîtrise ou de doctorat dans les deux ans précédant le début du stage ou être inscrit(e) à l’École du Barreau du
    Québec ou à tout ordre professionnel exigeant un stage" (offer 2023-020).
    The best branch counts, in the order MET, UNKNOWN, HUMAN, NOT_MET: `docs/rules.md#studies`.
    """

    kind: ClassVar = CriterionKind.STUDIES

    degree_window_months: int
    finishing_within_months: int
    bar_school: bool
    professional_order_stage: bool

    def evaluate(self, facts: Facts, days: Days) -> Finding:
        """Evaluate all branches and keep the best outcome. NOT_MET if there is no branch."""
        terms = _terms(self, days)
        branches = list(self._branches(facts, terms))
        outcome = min(
            (branch.grounds.outcome for branch in branches), key=_BEST_FIRST.index, default=Outcome.NOT_MET
        )
        observed: dict[str, object] = {
            "studies": None
            if facts.studies is None
            # The branches of the studies come first, in the order of the studies.
            else [
                {**study.as_json(), "outcome": branch.grounds.outcome.value}
                for study, branch in zip(facts.studies, branches, strict=False)
            ]
        }
        if self.bar_school:
            observed["bar_school"] = facts.bar_school
        if self.professional_order_stage:
            observed["professional_order_stage"] = facts.professional_order_stage
        return self.find(
            outcome,
            observed=observed,
            reason=describe_branches(branches, outcome, terms),
            would_pass=dict(_would_pass(terms)),  # a copy: the cached one is shared
        )

    def _branches(self, facts: Facts, terms: StudyTerms) -> Iterator[Branch]:
        if facts.studies is None:
            yield Branch(Grounds.STUDIES_NOT_GIVEN)
        else:
            for study in facts.studies:
                yield self._evaluate_study(study, terms)
        if self.bar_school:
            yield Branch(_BAR_SCHOOL[facts.bar_school])
        if self.professional_order_stage:
            yield Branch(_ORDER_STAGE[facts.professional_order_stage])

    def _evaluate_study(self, study: Study, terms: StudyTerms) -> Branch:
        if study.level is None or study.state is None:
            return Branch(Grounds.STUDY_INCOMPLETE, study)
        if study.level in _TOO_LOW:
            return Branch(Grounds.LEVEL_TOO_LOW, study)
        if study.state is StudyState.IN_PROGRESS:
            return Branch(_evaluate_in_progress(study.level, study.expected_on, terms), study)
        return Branch(self._evaluate_completed(study.level, study.completed_on, terms), study)

    def _evaluate_completed(self, level: StudyLevel, completed_on: date | None, terms: StudyTerms) -> Grounds:
        """Evaluate a completed second- or third-cycle programme: `docs/rules.md#studies`."""
        if completed_on is None:
            return Grounds.DEGREE_DAY_NOT_GIVEN
        if completed_on >= terms.starts_on:
            return _evaluate_in_progress(level, completed_on, terms)
        window_end = plus(completed_on, self.degree_window_months)
        if window_end is not None and window_end < terms.starts_on:
            return Grounds.DEGREE_TOO_OLD
        return Grounds.DIPLOMA_RECENT if level is StudyLevel.GRADUATE_DIPLOMA else Grounds.DEGREE_RECENT


@lru_cache(maxsize=256)
def _terms(criterion: Studies, days: Days) -> StudyTerms:
    return StudyTerms(
        starts_on=days.starts_on,
        closes_on=days.closes_on,
        finish_by=plus(days.starts_on, criterion.finishing_within_months),
        degree_from=earliest_start(days.starts_on, criterion.degree_window_months),
        window_months=criterion.degree_window_months,
        bar_school=criterion.bar_school,
        professional_order_stage=criterion.professional_order_stage,
    )


def _evaluate_in_progress(level: StudyLevel, expected_on: date | None, terms: StudyTerms) -> Grounds:
    """Evaluate a second- or third-cycle programme in progress: `docs/rules.md#studies`."""
    if level is StudyLevel.DOCTORATE:
        return Grounds.DOCTORATE_IN_PROGRESS
    if expected_on is None:
        return Grounds.END_NOT_GIVEN
    if expected_on < terms.closes_on:
        return Grounds.END_BEFORE_CLOSING
    if terms.finish_by is None or expected_on <= terms.finish_by:
        return Grounds.END_IN_TIME
    return Grounds.END_TOO_LATE


@lru_cache(maxsize=256)
def _would_pass(terms: StudyTerms) -> dict[str, object]:
    """Return the values that make each branch MET; the bounds of days are inclusive."""
    passing: dict[str, object] = {"doctorate_in_progress": True}
    if terms.last_end is not None:
        passing["expected_from"] = terms.closes_on.isoformat()
        passing["expected_to"] = terms.last_end.isoformat()
    if terms.last_degree is not None:
        passing["completed_from"] = terms.degree_from.isoformat()
        passing["completed_to"] = terms.last_degree.isoformat()
    if terms.bar_school:
        passing["bar_school"] = True
    if terms.professional_order_stage:
        passing["professional_order_stage"] = True
    return passing
