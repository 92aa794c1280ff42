"""Query of the conflicts of interest on a file."""

from django.db.models import Count

from intake.accounts.models import User
from intake.review.models import Conflict
from intake.submissions.models import Submission


def conflict_events(*, user: User, submission: Submission) -> int:
    """Count declarations and liftings on the submission: those of `user`, or of all users for a decider.

    The count only grows: a page that displayed another number is out of date.
    """
    known = Conflict.objects.filter(submission=submission)
    if not user.has_perm("submissions.decide_submission"):
        known = known.filter(reviewer=user)
    counted = known.aggregate(declared=Count("pk"), lifted=Count("lifted_at"))
    return int(counted["declared"] + counted["lifted"])
