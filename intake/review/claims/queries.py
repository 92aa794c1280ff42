"""Query of the current claim of a file."""

from django.contrib.postgres.functions import TransactionNow

from intake.review.models import Claim
from intake.submissions.models import Submission


def current_claim(submission: Submission) -> Claim | None:
    """Return the current claim of the file by the database's clock, with its holder. None if the file is free."""
    running = Claim.objects.filter(submission=submission, expires_at__gt=TransactionNow())
    return running.select_related("holder").first()
