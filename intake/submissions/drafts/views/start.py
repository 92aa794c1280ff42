"""Views that start a submission, list the user's own submissions, and show the task list of one."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts.login_required import require_login
from intake.outbox.selectors import database_instant
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import (
    current_extension,
    open_draft,
    own_submissions,
    submission_on,
    window_of,
)
from intake.submissions.drafts.collection_notice import COLLECTION, NoticeForm
from intake.submissions.drafts.complement_progress import complement_progress_of
from intake.submissions.drafts.operations import start_draft
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.gate.verdict_display import display_verdict
from intake.submissions.lifecycle.candidate_status import candidate_status_of, most_urgent_first
from intake.submissions.lifecycle.errors import OfferNotOpenError
from intake.submissions.models import Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.questions.queries import asked_sections
from offers.models import Offer
from offers.selectors import published

from .notice import notice_form, redirect_to_notice


@require_login()
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: CandidateRequest, number: str) -> HttpResponse:
    """GET: what the offer asks, and the notice. POST: open the draft. Redirect if the user has a submission."""
    at = database_instant()
    offer = get_object_or_404(published(at), number=number)
    existing = submission_on(request.user, offer)
    if existing is not None:
        return redirect("submissions:tasks", existing.public_id)
    form = notice_form(request)
    if request.method != "POST":
        return _show_start(request, offer, form, at)
    if form is not None and not form.is_valid():
        return _show_start(request, offer, form, at, status=422)
    try:
        draft = start_draft(candidate=request.user, offer=offer, accepts=COLLECTION)
    except OfferNotOpenError:
        return _show_start(request, offer, form, at, status=409)
    return redirect("submissions:tasks", draft.submission.public_id)


def _show_start(
    request: CandidateRequest, offer: Offer, form: NoticeForm | None, at: datetime, *, status: int = 200
) -> HttpResponse:
    window = window_of(request.user, offer)
    context = {
        "offer": offer,
        "is_open": window.is_open(at),
        "window": window,
        "now": at,
        "form": form,
        "sections": asked_sections(offer),
        "documents": offer.documents.order_by("position"),
    }
    return render(request, "submissions/start.html", context, status=status)


@require_login()
@require_safe
def my_submissions(request: CandidateRequest) -> HttpResponse:
    """Show the user's submissions with their statuses, urgent complements first."""
    at = database_instant()
    rows = most_urgent_first(
        [candidate_status_of(submission, at=at) for submission in own_submissions(request.user)]
    )
    return render(request, "submissions/mine.html", {"rows": rows, "now": at})


@require_own_submission
@require_safe
def task_list(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """Show what the open draft lacks. Without an open draft, redirect to the receipt."""
    at = submission.read_at
    draft = open_draft(submission)
    if draft is None:
        return redirect("submissions:receipt", submission.public_id)
    asked = redirect_to_notice(request, submission)
    if asked is not None:
        return asked
    application = read_draft_details(submission, draft, at=at)
    context = {
        "application": application,
        "completion": complement_progress_of(application, at=at),
        "extension": current_extension(submission),
        "news": unread_changes_of(draft),
        "offer": submission.offer,
        "verdict": display_verdict(application.readiness.verdict),
        "now": at,
    }
    return render(request, "submissions/tasks.html", context)
