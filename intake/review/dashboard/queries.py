"""Counts of a user's pending work."""

from django.db.models import Q

from intake.accounts.models import User
from intake.review.access.register_matches import is_matched
from intake.review.access.visibility import COUNT_MAX, visible_submissions
from intake.review.marks.queries import awaiting_mark_of
from intake.submissions.states import HumanReview, State
from intake.web.paging import bounded_count


def work_counts(user: User) -> dict[str, int]:
    """Count the pending work of `user`. Each count stops at `COUNT_MAX` + 1.

    `received` (to take up), `unmarked` (to be marked by `user`), `shortlisted`, `reserved` (a human review is pending:
    nothing else is done first) and `matched` (by a register row entered since the filing).
    """
    reserved = Q(reserve=HumanReview.PENDING)
    waiting = {
        "received": Q(state=State.SUBMITTED) & ~reserved,
        "unmarked": awaiting_mark_of(user),
        "shortlisted": Q(state=State.SHORTLISTED),
        "reserved": reserved,
        "matched": is_matched(),
    }
    seen = visible_submissions(user)
    return {key: bounded_count(seen.filter(which), COUNT_MAX) for key, which in waiting.items()}
