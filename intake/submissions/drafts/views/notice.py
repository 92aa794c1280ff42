"""View of the collection notice: accepted before the first question, readable at any time."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from intake.profiles.services import accept_notice
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import open_draft
from intake.submissions.drafts.collection_notice import COLLECTION, NoticeForm
from intake.submissions.drafts.queries import DraftToFile, draft_to_file
from intake.submissions.models import Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.states import State


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """GET: the notice, with the form until it is accepted. POST: record the acceptance, redirect to the task list."""
    is_sent = request.method == "POST"
    form = record_acceptance(request) if is_sent else notice_form(request)
    if is_sent and form is None:
        return redirect("submissions:tasks", submission.public_id)
    # Only pages of a first draft have the banner.
    draft = open_draft(submission) if submission.state == State.DRAFT else None
    context = {
        "submission": submission,
        "offer": submission.offer,
        "news": unread_changes_of(draft) if draft else None,
        "form": form,
        "now": submission.read_at,
    }
    return render(request, "submissions/notice.html", context, status=422 if is_sent else 200)


def notice_form(request: CandidateRequest, *, sent: bool | None = None) -> NoticeForm | None:
    """Return the form of the notice, bound if it was sent; None if the user accepted the current version.

    `sent`: whether the request comes from a page with the checkbox; None: true for every POST.
    """
    if COLLECTION.is_accepted_by(request.user):
        return None
    return NoticeForm(request.POST if (request.method == "POST" if sent is None else sent) else None)


def kept_notice_form(request: CandidateRequest, posted: QueryDict) -> NoticeForm | None:
    """Return the form as `posted` on a page that is displayed again; None if the user accepted the current version."""
    return None if COLLECTION.is_accepted_by(request.user) else NoticeForm(posted)


def record_acceptance(request: CandidateRequest) -> NoticeForm | None:
    """Record the posted acceptance. Return the bound form with its error if it is not valid, else None."""
    form = notice_form(request, sent=True)
    if form is None or not form.is_valid():
        return form
    accept_notice(user=request.user, notice=COLLECTION.key, version=COLLECTION.version)
    return None


def draft_with_notice(request: CandidateRequest, public_id: UUID, *, draft: int) -> DraftToFile | None:
    """Return the user's draft, and whether they accepted the current version of the notice; None if none. One query."""
    return draft_to_file(request.user, public_id, draft=draft, notice=COLLECTION)


def redirect_to_notice(request: CandidateRequest, submission: Submission) -> HttpResponse | None:
    """Redirect to the notice unless its current version is accepted. None for a POST: its answers are saved first."""
    if request.method == "POST" or COLLECTION.is_accepted_by(request.user):
        return None
    return redirect("submissions:notice", submission.public_id)
