"""The branches of STUDIES: what an offer asks of studies, and on what grounds each branch was judged."""
# ruff: noqa: PIE796 -- grounds that lead to the same outcome are numbered apart by Grounds.__new__

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple, Self

from eligibility.facts import Study
from eligibility.verdict import Outcome

ONE_DAY = timedelta(days=1)


class Grounds(Enum):
    """Why a branch has its outcome: each member is a ground of its own, declared with the outcome it leads to."""

    outcome: Outcome

    def __new__(cls, outcome: Outcome) -> Self:
        """Number the members, since several lead to the same outcome."""
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
    """One way of meeting STUDIES, judged; `study` is None for what is not a programme of study."""

    grounds: Grounds
    study: Study | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTerms:
    """What an offer asks of studies, as days; `finish_by` None lies beyond the calendar.

    `bar_school` and `professional_order_stage` tell whether the offer accepts those too.
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
        """The last day on which second-cycle studies may end; None when none is both in time and after closing."""
        finish_by = self.finish_by or date.max
        return finish_by if self.closes_on <= finish_by else None

    @property
    def last_degree(self) -> date | None:
        """The last day of a degree that is recent and comes before the stage; None when there is none."""
        return self.starts_on - ONE_DAY if self.degree_from < self.starts_on else None
