"""Files whose person the register learned of since they filed, while nobody is selected by them: staff are told.

`services.register_scan` keeps the matches: to be told costs one index.
"""

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from intake.review.models import Evidence, RegisterMatch
from intake.submissions.models import Filing
from intake.submissions.states import SELECTED_STATES, State

OPEN: Final = frozenset(State) - {
    State.DRAFT,
    State.WITHDRAWN,
    State.INADMISSIBLE,
    State.DECLINED,
    State.COMPLETED,
    *SELECTED_STATES,
}
"""The states in which somebody may still be selected."""


def is_matched() -> Q:
    """Return the condition that a submission is open and that nobody verified what the register learned since."""
    return Q(state__in=sorted(OPEN), standing_filing__in=_unverified().values("filing"))


def unverified_match(filing: Filing) -> RegisterMatch | None:
    """Return what the register learned of the person of `filing` since, as long as nobody verified it."""
    return _unverified().filter(filing=filing).first()


def _unverified() -> QuerySet[RegisterMatch]:
    verified = Evidence.objects.filter(
        filing=OuterRef("filing"), position=OuterRef("position"), at__gte=OuterRef("entered_at")
    )
    return RegisterMatch.objects.filter(~Exists(verified))
