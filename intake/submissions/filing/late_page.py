"""What is said to whoever pressed the button when nothing can be filed any more: little, at once, and all of it."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render

from intake.submissions.access.decorators import CandidateRequest
from intake.submissions.access.queries import own_submissions, read_at
from intake.submissions.lifecycle.candidate_status import resumed_without_complement
from intake.submissions.lifecycle.errors import MoveNotAllowedError, OfferNotOpenError
from intake.submissions.models import Draft, Submission
from offers.models import Offer

from .form_version import parse_complement_value


def show_refusal(
    request: CandidateRequest, draft: Draft, refused: OfferNotOpenError | MoveNotAllowedError
) -> HttpResponse:
    """Answer 409 with why `draft` is not filed, when it was asked, and where it can still be read.

    A page of its own: the button's page takes many times the work, and when an offer closes this one is asked for by
    all who are late, while others are waiting who are in time.
    """
    submission, at = _refused_submission(request, draft, refused)
    offer, window = submission.offer, submission.window
    # What the button's page asked for is read anew for those to whom something was: they are few.
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
    """Return what was refused and the instant of it: the database's, where the refusal names it."""
    if isinstance(refused, OfferNotOpenError) and refused.submission is not None and refused.at is not None:
        return refused.submission, refused.at
    submission = own_submissions(request.user).get(pk=draft.submission_id)
    return submission, read_at(submission)
