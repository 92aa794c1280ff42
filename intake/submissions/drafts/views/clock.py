"""The portal's time for an open page: `countdown.js` asks it when the browser's own clock cannot be trusted."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.submissions.access.queries import own_submission
from intake.submissions.drafts.complement_progress import complement_progress_of
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.lifecycle.candidate_status import candidate_status_of, may_file
from intake.submissions.models import Draft, Submission
from intake.submissions.rulings.queries import kept_rulings
from intake.web.templatetags.portal import precise

READY_WITHIN: Final = timedelta(minutes=15)
"""Before the closing: only then do pages say that all is ready, and reading a draft costs most of an answer."""


@require_safe
@never_cache
def clock(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """GET: the database's instant, the closing, and the deadline's parts of a page, in the page's language.

    `open`: the candidate may file now. `ready`: the open draft may be filed as it is; false earlier than
    `READY_WITHIN`. `filed`: no draft is open. A user who is signed out gets only the instant, with HTTP 401: a script
    cannot follow a redirect to sign-in.
    """
    if not isinstance(request.user, User):
        return JsonResponse({"now": precise(database_instant())}, status=HTTPStatus.UNAUTHORIZED)
    submission = own_submission(request.user, public_id)
    if submission is None:
        raise Http404
    at = submission.read_at
    standing = candidate_status_of(submission, at=at)
    is_open = may_file(submission, at=at)
    closes_at = submission.window.closes_at
    is_near = is_open and closes_at - at <= READY_WITHIN
    context = {"standing": standing, "submission": submission, "offer": submission.offer, "now": at}
    return JsonResponse(
        {
            "now": precise(at),
            "closes_at": precise(closes_at),
            "open": is_open,
            "ready": is_near and standing.draft is not None and _is_ready(submission, standing.draft, at),
            "filed": standing.draft is None,
            "html": render_to_string("submissions/clock.html", context, request),
        }
    )


def _is_ready(submission: Submission, draft: Draft, at: datetime) -> bool:
    """True if `draft` may be filed as it is, and changes what is already filed."""
    if draft.replaces_id is not None and draft.version == 0:
        return False
    application = read_draft_details(submission, draft, at=at)
    completion = complement_progress_of(application, at=at)
    if completion is not None and (completion.is_astray or not completion.is_touched):
        return False
    readiness = application.readiness
    return readiness.may_be_filed or (
        readiness.may_be_filed_under_reserve and kept_rulings(submission, readiness.verdict) is not None
    )
