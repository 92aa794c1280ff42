"""The submission's page: filed content on the left; verdict, answers, assessment and decisions on the right.

A reader in an anonymous review gets another page, made only of what may be shown.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.journal.selectors import action_label, detail_label, entries_about
from intake.journal.services import record
from intake.outbox import kinds
from intake.outbox.labels import delivery_label
from intake.outbox.selectors import database_instant, deliveries_for
from intake.review.access.anonymous_review import is_name_hidden, mask_payload
from intake.review.access.impartiality import is_impartial
from intake.review.claims.views import claim_context
from intake.review.complements.panel import read_complement_panel
from intake.review.complements.views import complement_url
from intake.review.decisions.panel import decisions_context
from intake.review.decisions.queries import may_read_reserve_order
from intake.review.decisions.reserve_list import REORDERED
from intake.review.evidence.forms import EvidenceForm
from intake.review.evidence.panel import verification_context
from intake.review.marks.forms import AssessmentForm
from intake.review.marks.panel import assessment_context, bound_form, save_from_form
from intake.review.marks.typed import is_typed, save_typed
from intake.review.moves.views import available_moves
from intake.review.pages import labels
from intake.review.pages.queue_navigation import QUERY_PARAMETER, file_url, queue_position
from intake.review.pages.sealed_filing import current_filing, filing_details_of, payload_or_none
from intake.review.pages.shortcuts import acting_user, admin_context, receipt_number, visible_or_404
from intake.review.rulings.panel import RulingForm, read_human_review, unplaced_form
from intake.submissions.models import Filing, Submission
from intake.submissions.rulings.queries import latest_by_position, rulings_on
from intake.submissions.states import State
from intake.submissions.timeline.queries import erasure_day_of
from offers.criterion_labels import criterion_names

JOURNAL_LINES = 50


@require_http_methods(["GET", "HEAD", "POST"])
def file_page(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """GET: the filed content. POST: save or submit the reader's own assessment; while it is typed, save its draft."""
    submission = visible_or_404(request, public_id)
    if request.method != "POST":
        if request.method == "GET":
            record(actor=acting_user(request), action="SUBMISSION_OPENED", subject=submission)
        return show_file(request, submission)
    form = bound_form(submission, request.POST)
    if is_typed(request):
        return save_typed(request, submission, form)
    if form.is_valid() and save_from_form(request, submission, form):
        return redirect(file_url(request, submission))
    return show_file(request, submission, assessment=form)


def show_file(
    request: HttpRequest,
    submission: Submission,
    *,
    assessment: AssessmentForm | None = None,
    sent: Mapping[int, RulingForm] | None = None,
    verifications: Mapping[int, EvidenceForm] | None = None,
) -> TemplateResponse:
    """Return the submission's page. A posted form with an error comes back with its errors and status 422.

    `sent` are the ruling forms that come back, and `verifications` the evidence forms, by their finding's position.
    """
    if is_name_hidden(submission):
        return show_anonymous_file(request, submission, assessment)
    context = admin_context(request) | _context(request, submission, assessment, sent or {})
    context |= verification_context(acting_user(request), submission, context["reading"], verifications or {})
    wrong = bool((assessment and assessment.errors) or sent or verifications)
    return TemplateResponse(request, "review/file.html", context, status=422 if wrong else 200)


def _context(
    request: HttpRequest,
    submission: Submission,
    assessment: AssessmentForm | None,
    sent: Mapping[int, RulingForm],
) -> dict[str, Any]:
    user = acting_user(request)
    filing = current_filing(submission)
    state = State(submission.state)
    impartial = is_impartial(user=user, offer=submission.offer)
    decides = user.has_perm("submissions.decide_submission") and impartial
    rulings = rulings_on(filing) if filing.verdict.under_reserve else []
    reading = filing_details_of(filing, latest_by_position(rulings))
    at = database_instant()
    reserve = read_human_review(submission, reading, rulings, judges=decides, sent=sent)
    return (
        assessment_context(request, submission, reading.payload, assessment)
        | decisions_context(user, submission)
        | {
            "title": submission.filed_name or filing.receipt.number,
            "submission": submission,
            "number": filing.receipt.number,
            "reading": reading,
            "reserve": reserve,
            "completeness": read_complement_panel(submission, filing, at=at),
            "complement_url": complement_url(user, submission, at=at),
            "now": at,
            "erased_on": erasure_day_of(submission),
            "decides": decides,
            "impartial": impartial,
            "homeless": unplaced_form(sent, reserve),
            "state": labels.state_label(state),
            "place": queue_position(request, submission),
            "moves": available_moves(user, submission),
            "kept_query": _kept_query(request),
            "transitions": submission.transitions.select_related("actor").order_by("at", "pk"),
            "entries": _entries(submission, user) if user.has_perm("journal.view_entry") else None,
            "deliveries": _deliveries(submission, filing) if user.has_perm("outbox.view_delivery") else None,
            "media": admin.site.get_model_admin(Submission).media,
        }
    )


def _kept_query(request: HttpRequest) -> str:
    return f"?{request.GET.urlencode()}" if QUERY_PARAMETER in request.GET else ""


def _entries(submission: Submission, user: User) -> list[dict[str, Any]]:
    """Return the last journal entries about the file, without reserve list ranks whose order is hidden from `user`."""
    entries = list(entries_about(submission)[:JOURNAL_LINES])
    has_ranks = any(entry.action == REORDERED for entry in entries)
    reads_ranks = not has_ranks or may_read_reserve_order(user=user, offer=submission.offer)
    return [
        {
            "at": entry.at,
            "actor": entry.actor,
            "words": action_label(entry.action),
            "detail": detail_label(entry),
        }
        for entry in entries
        if reads_ranks or entry.action != REORDERED
    ]


def _deliveries(submission: Submission, filing: Filing) -> list[dict[str, Any]]:
    about = deliveries_for(submission) | deliveries_for(filing) | deliveries_for(filing.receipt)
    rows: list[dict[str, Any]] = []
    for delivery in about.select_related("message"):
        state, tone = delivery_label(delivery)
        rows.append(
            {
                "label": kinds.label_of(delivery.kind),
                "url": reverse("admin:outbox_delivery_change", args=[delivery.pk]),
                "state": state,
                "tone": tone,
                "created_at": delivery.created_at,
                "done_at": delivery.done_at,
            }
        )
    return rows


def show_anonymous_file(
    request: HttpRequest, submission: Submission, assessment: AssessmentForm | None = None
) -> TemplateResponse:
    """Return the page of a file whose candidate is hidden from this reader.

    Built from what may be shown, not from the other page with parts removed: additions to that page must not appear
    here.
    """
    user = acting_user(request)
    filing = current_filing(submission)
    sealed = payload_or_none(filing.seal)
    payload = mask_payload(sealed) if sealed else None
    context = (
        admin_context(request)
        | assessment_context(request, submission, payload, assessment)
        | claim_context(user, submission)
        | {
            "title": _("Candidature %(number)s") % {"number": receipt_number(submission)},
            "submission": submission,
            "number": receipt_number(submission),
            "filing": filing,
            "payload": payload,
            "findings": _masked_findings(sealed.verdict["findings"]) if sealed else [],
            "verdict": labels.verdict_label(filing.verdict.outcome),
            "state": labels.state_label(State(submission.state)),
            "place": queue_position(request, submission),
            "moves": available_moves(user, submission),
            "kept_query": _kept_query(request),
            # Other members' notes may name the candidate: they are hidden until names may be read.
            "assessments": None,
            "unseen": False,
        }
    )
    status = 422 if assessment and assessment.errors else 200
    return TemplateResponse(request, "review/blind_file.html", context, status=status)


def _masked_findings(found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return each criterion and its outcome, without the observed values, which reveal the candidate."""
    titles = criterion_names(row["kind"] for row in found)
    return [{"title": title, "outcome": row["outcome"]} for title, row in zip(titles, found, strict=True)]
