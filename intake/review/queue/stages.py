"""Funnel stages, defined once for the dashboard's counts and for the queue's filter.

A stage counts more than the state of the same name, so that their labels differ.
"""

from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from intake.submissions.states import HumanReview, State

_REFUSED = frozenset({HumanReview.PENDING, HumanReview.UPHELD})


class FunnelStage(NamedTuple):
    """One funnel stage: the submissions that reached it or a later one, by their current state."""

    key: str
    """Its value in addresses."""
    label: StrOrPromise
    states: frozenset[State]
    without: frozenset[HumanReview] = frozenset()

    def condition(self) -> Q:
        """Return the condition of the submissions that reached it."""
        return Q(state__in=sorted(self.states)) & ~Q(reserve__in=sorted(self.without))

    def holds(self, state: str, reserve: str) -> bool:
        """True if a submission with this state and human review reached it."""
        return state in self.states and reserve not in self.without


_FILED = frozenset(State) - {State.DRAFT}
FILED = FunnelStage("deposees", _("Déposées"), _FILED)
ADMISSIBLE = FunnelStage(
    "admissibles", _("Admissibles ou à examiner"), _FILED - {State.INADMISSIBLE, State.WITHDRAWN}, _REFUSED
)
SHORTLISTED = FunnelStage(
    "preselectionnees",
    _("Présélectionnées ou plus loin"),
    frozenset(
        {
            State.SHORTLISTED,
            State.INTERVIEW,
            State.RECOMMENDED,
            State.SELECTED,
            State.RESERVE,
            State.PLACED,
            State.COMPLETED,
        }
    ),
)
RECOMMENDED = FunnelStage(
    "recommandees",
    _("Recommandées ou plus loin"),
    SHORTLISTED.states - {State.SHORTLISTED, State.INTERVIEW},
)
SELECTED = FunnelStage(
    "retenues", _("Retenues ou plus loin"), frozenset({State.SELECTED, State.PLACED, State.COMPLETED})
)
DECIDED = FunnelStage(
    "decidees",
    _("Décidées"),
    SELECTED.states | {State.RESERVE, State.DECLINED, State.INADMISSIBLE},
)
FUNNEL = (FILED, ADMISSIBLE, SHORTLISTED, RECOMMENDED, SELECTED)
STAGES = {stage.key: stage for stage in (*FUNNEL, DECIDED)}


class StateCount(NamedTuple):
    """Number of submissions of an offer in one state with one status of human review."""

    state: str
    reserve: str
    number: int
