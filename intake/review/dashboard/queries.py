"""What a person has to do."""

from django.db.models import Q

from intake.accounts.models import User
from intake.review.access.queries import COUNT_MAX, visible_submissions
from intake.review.access.register_matches import is_matched
from intake.review.marks.queries import awaiting_mark_of
from intake.submissions.states import HumanReview, State
from intake.web.paging import bounded_count


def work_counts(user: User) -> dict[str, int]:
    """Count what waits for `user`: `received` (to take up), `unmarked` (theirs to mark) and `shortlisted`.

    And `reserved`, which wait for a person's judgement on the rules before anybody takes them up or marks them, and
    `matched`, whose person the register learned of since they filed. Each stops at `MANY` and one more.
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
