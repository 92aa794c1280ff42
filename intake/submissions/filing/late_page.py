"""Page for a filing request that comes too late, or after the submission changed state."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render

from intake.submissions.access.decorators import CandidateRequest
from intake.submissions.access.queries import own_submissions
from intake.submissions.lifecycle.candidate_status import resumed_without_complement
from intake.submissions.lifecycle.errors import MoveNotAllowedError, OfferNotOpenError
from intake.submissions.models import Draft, Submission
from offers.models import Offer

from .form_version import parse_complement_value


def show_refusal(
    request: CandidateRequest, draft: Draft, refused: OfferNotOpenError | MoveNotAllowedError
) -> HttpResponse:
    """Return HTTP 409 with the reason why `draft` is not filed, the instant of the request and a link to the draft.

    A separate page: the filing page costs many times more, and at closing time late requests must not delay those
    that are in time.
    """
    submission, at = _refused_submission(request, draft, refused)
    offer, window = submission.offer, submission.window
    # Query the complement requests only if the page displayed one.
    resumed = bool(parse_complement_value(request.POST)) and resumed_without_complement(submission)
    context = {
        "submission": submission,
        "offer": offer,
        "window": window,
        "now": at,
        "asked_at": at.astimezone(offer.zone),
        "amended": submission.standing_filing,
        "moved_on": isinstance(refused, MoveNotAllowedError),
        "is_late": offer.status == Offer.Status.PUBLISHED and window.closes_at <= at and not resumed,
        "resumed": resumed,
    }
    return render(request, "submissions/not_filed.html", context, status=409)


def _refused_submission(
    request: CandidateRequest, draft: Draft, refused: OfferNotOpenError | MoveNotAllowedError
) -> tuple[Submission, datetime]:
    """Return the submission and the database's instant of the refusal, from the error or by a query."""
    if isinstance(refused, OfferNotOpenError) and refused.submission is not None and refused.at is not None:
        return refused.submission, refused.at
    submission = own_submissions(request.user).get(pk=draft.submission_id)
    return submission, submission.read_at
