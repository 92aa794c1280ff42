"""The notice of collection: accepted before anything is asked, and there to be read again at any time."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from intake.profiles.services import accept_notice
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import open_draft, read_at
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.forms import NoticeForm
from intake.submissions.drafts.queries import draft_to_file
from intake.submissions.models import Draft, Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.states import State


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """Show the notice, with its box while it is not accepted; on POST, record the acceptance and go to the list."""
    if request.method == "POST":
        form = record_acceptance(request)
        if form is not None:
            return _show(request, submission, form, status=422)
        return redirect("submissions:tasks", submission.public_id)
    return _show(request, submission, notice_form(request))


def notice_form(request: CandidateRequest, *, sent: bool | None = None) -> NoticeForm | None:
    """Return the form of the notice, bound to what was sent with it; None for whoever accepted its version of now.

    `sent` says whether the request comes from a page that showed the box; without it, every POST does.
    """
    if COLLECTION.is_accepted_by(request.user):
        return None
    return NoticeForm(request.POST if (request.method == "POST" if sent is None else sent) else None)


def record_acceptance(request: CandidateRequest) -> NoticeForm | None:
    """Record the acceptance that was sent; return the form of the notice, with its error, where there is still none."""
    form = notice_form(request, sent=True)
    if form is None or not form.is_valid():
        return form
    accept_notice(user=request.user, notice=COLLECTION.key, version=COLLECTION.version)
    return None


def draft_with_notice(request: CandidateRequest, public_id: UUID, *, draft: int) -> tuple[Draft, bool] | None:
    """Return the draft, if it is the person's, and whether they accepted the notice's version of now; one query."""
    return draft_to_file(request.user, public_id, draft=draft, notice=COLLECTION)


def redirect_to_notice(request: CandidateRequest, submission: Submission) -> HttpResponse | None:
    """Return the way to the notice for whoever has yet to accept its version of now, or None.

    Only where a page is asked for: what somebody is sending is saved before they are asked anything.
    """
    if request.method == "POST" or COLLECTION.is_accepted_by(request.user):
        return None
    return redirect("submissions:notice", submission.public_id)


def _show(
    request: CandidateRequest, submission: Submission, form: NoticeForm | None, *, status: int = 200
) -> HttpResponse:
    draft = (
        open_draft(submission) if submission.state == State.DRAFT else None
    )  # the pages of others have no band
    context = {
        "submission": submission,
        "offer": submission.offer,
        "news": unread_changes_of(draft) if draft else None,
        "form": form,
        "now": read_at(submission),
    }
    return render(request, "submissions/notice.html", context, status=status)
