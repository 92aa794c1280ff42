"""View helpers: find the submission of a page. One that the user may not read gives HTTP 404."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.http import urlencode

from intake.accounts.models import User
from intake.base.portal_error import PortalError
from intake.journal.readings import record_shown
from intake.review.access.anonymous_review import displayed_name, with_name_visibility
from intake.review.access.errors import InConflictError, NotOnCommitteeError, OwnSubmissionError
from intake.review.access.visibility import visible_submissions
from intake.submissions.models import Submission
from intake.web.security_events import Kind, record_security_event
from offers.models import Offer

from .queue_navigation import file_url, queue_url


def acting_user(request: HttpRequest, permission: str = "") -> User:
    """Return the signed-in user.

    :raises Http404: if no user is signed in. The admin site already prevents it.
    :raises PermissionDenied: if the user lacks `permission`.
    """
    user = request.user
    if not isinstance(user, User):
        raise Http404
    if permission and not user.has_perm(permission):
        raise PermissionDenied
    return user


def refuse(request: HttpRequest, message: str | Promise | PortalError, url: str) -> HttpResponseBase:
    """Redirect to `url`, an address or the name of a view, with an error message."""
    if isinstance(message, (OwnSubmissionError, InConflictError, NotOnCommitteeError)):
        record_security_event(request, Kind.ACCESS_REFUSED, reason=message.code)
    messages.error(request, str(message))
    return redirect(url)


def visible_or_404(request: HttpRequest, public_id: UUID) -> Submission:
    """Return the submission with all related rows that its page reads, in one query.

    :raises Http404: if it does not exist or the user may not read it. Both give the same response.
    """
    user = acting_user(request)
    return get_object_or_404(
        with_name_visibility(visible_submissions(user), user).select_related(
            "offer",
            "standing_filing__receipt",
            "standing_filing__verdict",
            "standing_filing__seal__dossier",
            "standing_filing__seal__signed_receipt",
        ),
        public_id=public_id,
    )


def admin_context(request: HttpRequest) -> dict[str, Any]:
    """Return the context that every page in the admin site's layout needs."""
    return admin.site.each_context(request)


def file_context(request: HttpRequest, submission: Submission) -> dict[str, Any]:
    """Return the context that every page about an action on one file needs: its name and number, and the way back.

    The journal records that the page shows the file.
    """
    record_shown(request, [submission])
    return admin_context(request) | {
        "submission": submission,
        "name": displayed_name(submission),
        "number": receipt_number(submission),
        "back_url": file_url(request, submission),
    }


def receipt_number(submission: Submission) -> str:
    """Return the receipt number of the current filing."""
    filing = submission.standing_filing
    return filing.receipt.number if filing else ""


def queue_of_offer(offer: Offer, **filters: str) -> str:
    """Return the URL of the queue, filtered by the offer and by other parameters of the queue."""
    return queue_url(urlencode({"offre": offer.number or "", **filters}))
