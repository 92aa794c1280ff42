"""The branches of STUDIES: the terms of an offer about studies, and the grounds of each branch's outcome."""
# ruff: noqa: PIE796 -- Grounds.__new__ gives grounds of the same outcome different numbers

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple, Self

from eligibility.facts import Study
from eligibility.verdict import Outcome

ONE_DAY = timedelta(days=1)


class Grounds(Enum):
    """The reason for the outcome of a branch. Each member is declared with the outcome to which it leads."""

    outcome: Outcome

    def __new__(cls, outcome: Outcome) -> Self:
        """Number the members: several lead to the same outcome and would otherwise be aliases."""
        member = object.__new__(cls)
        member._value_ = len(cls.__members__)
        member.outcome = outcome
        return member

    DOCTORATE_IN_PROGRESS = Outcome.MET
    END_IN_TIME = Outcome.MET
    DEGREE_RECENT = Outcome.MET
    BAR_SCHOOL = Outcome.MET
    ORDER_STAGE = Outcome.MET
    STUDIES_NOT_GIVEN = Outcome.UNKNOWN
    STUDY_INCOMPLETE = Outcome.UNKNOWN
    END_NOT_GIVEN = Outcome.UNKNOWN
    DEGREE_DAY_NOT_GIVEN = Outcome.UNKNOWN
    BAR_SCHOOL_NOT_GIVEN = Outcome.UNKNOWN
    ORDER_STAGE_NOT_GIVEN = Outcome.UNKNOWN
    END_BEFORE_CLOSING = Outcome.HUMAN
    END_TOO_LATE = Outcome.HUMAN
    DIPLOMA_RECENT = Outcome.HUMAN
    LEVEL_TOO_LOW = Outcome.NOT_MET
    DEGREE_TOO_OLD = Outcome.NOT_MET
    NO_BAR_SCHOOL = Outcome.NOT_MET
    NO_ORDER_STAGE = Outcome.NOT_MET


class Branch(NamedTuple):
    """One evaluated branch of STUDIES. `study` is None if the branch is not a programme of study."""

    grounds: Grounds
    study: Study | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTerms:
    """The terms of an offer about studies, as days. `finish_by` is None if it is after 31 December 9999.

    `bar_school` and `professional_order_stage` are true if the offer accepts these branches. `window_months` is in
    calendar months.
    """

    starts_on: date
    closes_on: date
    finish_by: date | None
    degree_from: date
    window_months: int
    bar_school: bool
    professional_order_stage: bool

    @property
    def last_end(self) -> date | None:
        """The last day on which second-cycle studies may end; None if every day in time is before closing."""
        finish_by = self.finish_by or date.max
        return finish_by if self.closes_on <= finish_by else None

    @property
    def last_degree(self) -> date | None:
        """The last day for a degree that is recent and before the stage; None if there is none."""
        return self.starts_on - ONE_DAY if self.degree_from < self.starts_on else None
