"""Views that start a submission, list the user's own and show the task list of one; panels of an offer's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts.login_required import require_login
from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import (
    current_extension,
    open_draft,
    own_submissions,
    submission_on,
    window_of,
)
from intake.submissions.drafts.closed_pages import redirect_without_draft
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.complement_progress import complement_progress_of
from intake.submissions.drafts.operations import start_draft
from intake.submissions.drafts.queries import read_draft_details, unfiled_arrival
from intake.submissions.gate.verdict_display import display_verdict
from intake.submissions.lifecycle.candidate_status import candidate_status_of, most_urgent_first
from intake.submissions.lifecycle.errors import OfferNotOpenError
from intake.submissions.models import FilingWindow, Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.questions.sections import asked_sections
from intake.submissions.questions.workload import Workload, workload_of
from intake.web import formats
from intake.web.templatetags.portal import raise_ordinals
from offers.models import Offer, RulebookVersion
from offers.models.offer import OfferPhase
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
    status = 200
    if request.method == "POST" and form is not None and not form.is_valid():
        status = 422
    elif request.method == "POST":
        try:
            draft = start_draft(candidate=request.user, offer=offer, accepts=COLLECTION)
        except OfferNotOpenError:
            status = 409
        else:
            return redirect("submissions:tasks", draft.submission.public_id)
    window = window_of(request.user, offer)
    context = {
        "offer": offer,
        "is_open": window.is_open(at),
        "window": window,
        "now": at,
        "form": form,
        "workload": _workload_of(offer),
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
    """Show what the open draft lacks. Without an open draft, redirect to its arrival or to the receipt."""
    at = submission.read_at
    draft = open_draft(submission)
    if draft is None:
        return redirect_without_draft(request, submission)
    asked = redirect_to_notice(request, submission)
    if asked is not None:
        return asked
    application = read_draft_details(submission, draft, at=at)
    context = {
        "application": application,
        "completion": complement_progress_of(application, at=at),
        "extension": current_extension(submission),
        "news": unread_changes_of(draft),
        "unfiled": unfiled_arrival(draft),
        "offer": submission.offer,
        "verdict": display_verdict(application.readiness.verdict),
        "now": at,
    }
    return render(request, "submissions/tasks.html", context)


def apply_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the panel: *Postuler* while the user may file, and a link to their draft or receipt at any time.

    A personal extension is shown and counts. Before the opening and while the offer is open, a user without submission
    also gets a link to the check. None for a draft offer, which is only previewed.
    """
    if not offer.is_published:
        return None
    user, at = request.user, database_instant()
    submission = submission_on(user, offer) if isinstance(user, User) else None
    window = window_of(user, offer) if isinstance(user, User) else FilingWindow(offer)
    is_open = window.is_open(at)
    if submission is None and not is_open and offer.phase(at) is not OfferPhase.UPCOMING:
        return None
    context = {"offer": offer, "submission": submission, "is_open": is_open, "window": window, "now": at}
    return render_to_string("submissions/panel.html", context, request)


def personal_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the end of the user's personal extension; None unless it is after the offer's closing and not over."""
    if not isinstance(request.user, User):
        return None
    window = window_of(request.user, offer)
    if not (window.is_personal and window.is_open(database_instant())):
        return None
    words = _("Pour vous, l’offre ferme le {until}")
    return format_html(
        "<strong>{}</strong>", raise_ordinals(words.format(until=formats.closing(window.closing)))
    )


def workload_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return what an application takes and the questions of its texts; None unless the offer opens or is open."""
    phase = offer.phase(database_instant()) if offer.is_published else None
    if phase is None or not (phase.is_open or phase is OfferPhase.UPCOMING):
        return None
    try:
        context = {"workload": _workload_of(offer)}
    except RulebookVersion.DoesNotExist:
        return None
    return render_to_string("submissions/workload_panel.html", context, request)


def _workload_of(offer: Offer) -> Workload:
    return workload_of(asked_sections(offer), documents=offer.documents.filter(required=True).count())


def check_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the link to the check, for display under the criteria; None unless the offer is PUBLISHED."""
    if offer.status != Offer.Status.PUBLISHED:
        return None
    return render_to_string("submissions/check_panel.html", {"offer": offer}, request)
