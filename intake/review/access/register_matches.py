"""Open files that match a register row entered after filing and that no person has checked. Shown to staff.

`evidence.register_recheck` stores the matches, so reading them costs one index lookup.
"""

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from intake.review.models import Evidence, RegisterMatch
from intake.submissions.models import Filing
from intake.submissions.states import SELECTED_STATES, State

from .committee_membership import BY_A_PARTY

OPEN: Final = frozenset(State) - {
    State.DRAFT,
    State.WITHDRAWN,
    State.INADMISSIBLE,
    State.DECLINED,
    State.COMPLETED,
    *SELECTED_STATES,
}
"""States from which a submission may still be selected."""


def is_matched() -> Q:
    """Return the condition that a submission is open and has an unverified register match."""
    return Q(state__in=sorted(OPEN), standing_filing__in=_unverified().values("filing"))


def unverified_match(filing: Filing) -> RegisterMatch | None:
    """Return the register match of `filing`, or None if there is none or a person verified it."""
    return _unverified().filter(filing=filing).first()


def _unverified() -> QuerySet[RegisterMatch]:
    verified = Evidence.objects.filter(
        ~BY_A_PARTY, filing=OuterRef("filing"), position=OuterRef("position"), at__gte=OuterRef("entered_at")
    )
    return RegisterMatch.objects.filter(~Exists(verified))
