"""Who has a file in hand just now, for those who read it."""

from django.contrib.postgres.functions import TransactionNow

from intake.review.models import Claim
from intake.submissions.models import Submission


def current_claim(submission: Submission) -> Claim | None:
    """Return the lease that runs on the file by the database's clock, with its holder; None when it is free."""
    running = Claim.objects.filter(submission=submission, expires_at__gt=TransactionNow())
    return running.select_related("holder").first()
