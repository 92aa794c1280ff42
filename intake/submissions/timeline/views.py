"""Page with the status and timeline of a submission, for its candidate."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.lifecycle.candidate_status import candidate_status_of
from intake.submissions.models import Submission
from intake.submissions.questions.sections import sections_by_keys

from .queries import erasure_day_of, events_of, mails_of


@require_own_submission
@require_safe
def follow(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """GET: status, events and mails of the submission.

    Redirect to the arrival while a draft waits to be filed, and to the draft's tasks if nothing is filed.
    """
    if submission.arrived_at is not None:
        return redirect("submissions:arrival", submission.public_id)
    if submission.standing_filing is None:
        return redirect("submissions:tasks", submission.public_id)
    at = submission.read_at
    standing = candidate_status_of(submission, at=at)
    context = {
        "submission": submission,
        "standing": standing,
        "offer": submission.offer,
        "receipt": submission.standing_filing.receipt,
        "sections": sections_by_keys(submission.offer, standing.complement.sections)
        if standing.complement is not None
        else [],
        "events": events_of(standing),
        "mails": mails_of(submission),
        "now": at,
        "erased_on": erasure_day_of(submission),
    }
    return render(request, "submissions/follow.html", context)
