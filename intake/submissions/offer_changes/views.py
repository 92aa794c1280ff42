"""View that acknowledges the changes of a draft's offer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.base.numbers import posted_number
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import open_draft
from intake.submissions.lifecycle.errors import DraftClosedError
from intake.submissions.models import Submission

from .operations import acknowledge_changes


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """POST: acknowledge the displayed changes and redirect to the page. GET: redirect only."""
    draft = open_draft(submission)
    if draft is None:
        return redirect("submissions:receipt", submission.public_id)
    seen = posted_number(request.POST.get("seen", ""))
    if seen is not None:
        try:
            acknowledge_changes(draft=draft, at=submission.read_at, seen=seen)
        except DraftClosedError:
            return redirect("submissions:receipt", submission.public_id)
        messages.success(request, _("C’est noté. La page de l’offre montre toujours ce qui a changé."))
    back = "submissions:review" if request.POST.get("back") == "review" else "submissions:tasks"
    return redirect(back, submission.public_id)
