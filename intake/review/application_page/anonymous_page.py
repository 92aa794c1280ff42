"""Page of a file in an anonymous review."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from intake.review.access.anonymous_review import mask_payload
from intake.review.claims.views import claim_context
from intake.review.marks.forms import AssessmentForm
from intake.review.marks.panel import assessment_context
from intake.review.moves.views import available_moves
from intake.review.pages import labels
from intake.review.pages.queue_navigation import QUERY_PARAMETER, queue_position
from intake.review.pages.sealed_filing import current_filing, payload_or_none
from intake.review.pages.shortcuts import acting_user, admin_context, receipt_number
from intake.submissions.models import Submission
from intake.submissions.states import State
from offers.criterion_labels import criterion_names


def show_anonymous_file(
    request: HttpRequest, submission: Submission, *, assessment: AssessmentForm | None = None
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
        | assessment_context(user, submission, payload, assessment)
        | claim_context(user, submission)
        | {
            "title": _("Candidature %(number)s") % {"number": receipt_number(submission)},
            "submission": submission,
            "number": receipt_number(submission),
            "filing": filing,
            "payload": payload,
            "findings": _findings(sealed.verdict["findings"]) if sealed else [],
            "verdict": labels.verdict_label(filing.verdict.outcome),
            "state": labels.state_label(State(submission.state)),
            "place": queue_position(request, submission),
            "moves": available_moves(user, submission),
            "kept_query": f"?{request.GET.urlencode()}" if QUERY_PARAMETER in request.GET else "",
            # Other members' notes may name the candidate: they are hidden until names may be read.
            "assessments": None,
            "unseen": False,
        }
    )
    return TemplateResponse(
        request,
        "review/blind_file.html",
        context,
        status=422 if assessment and assessment.errors else 200,
    )


def _findings(found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return each criterion and its outcome, without the observed values, which reveal the candidate."""
    titles = criterion_names(row["kind"] for row in found)
    return [{"title": title, "outcome": row["outcome"]} for title, row in zip(titles, found, strict=True)]
