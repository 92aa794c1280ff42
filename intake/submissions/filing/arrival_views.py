"""View of what became of a request to file: it waits, it is filed, or it was refused."""

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import open_draft
from intake.submissions.lifecycle.candidate_status import may_file, resumed_without_complement
from intake.submissions.models import Arrival, Submission

SOONEST: Final = 2
LATEST: Final = 60
"""Seconds after which the page of a waiting arrival is asked for again."""
SOONEST_UNAIDED: Final = 5
"""The same without scripts, where the whole page is read out again."""
_FILED_A_SECOND: Final = 40
"""In a rush, on two processors: who waits behind a thousand asks once, not twelve times."""


@require_own_submission
@require_safe
def arrival(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """GET: the instant of the latest arrival and how many are before it (202), or why it was not filed (200).

    Redirect to the receipt once its draft is filed, and to the list of tasks if there is no arrival.
    """
    latest = submission.arrivals.select_related("draft").order_by("-pk").first()
    if latest is None:
        return redirect("submissions:tasks", submission.public_id)
    is_closed = latest.draft is not None and latest.draft.closed_at is not None
    if is_closed or latest.state == Arrival.State.FILED:
        return redirect("submissions:receipt", submission.public_id)
    is_waiting = latest.state == Arrival.State.WAITING
    context = {
        "submission": submission,
        "offer": submission.offer,
        "arrival": latest,
        "arrived_at": latest.arrived_at.astimezone(submission.offer.zone),
        "amended": submission.standing_filing,
        "is_answer": submission.is_incomplete,
        "is_waiting": is_waiting,
        "now": submission.read_at,
        **(_waiting_context(latest) if is_waiting else _refused_context(submission)),
    }
    response = render(request, "submissions/arrival.html", context, status=202 if is_waiting else 200)
    if is_waiting:
        response.headers["Retry-After"] = str(context["again_seconds"])
    return response


def count_before(arrival: Arrival) -> int:
    """Return how many arrivals wait that arrived before `arrival`."""
    waiting = Arrival.objects.filter(state=Arrival.State.WAITING, arrived_at__lt=arrival.arrived_at)
    return waiting.count()


def _waiting_context(arrival: Arrival) -> dict[str, Any]:
    before = count_before(arrival)
    again = min(max(SOONEST, before // _FILED_A_SECOND), LATEST)
    return {"before": before, "again_seconds": again, "unaided_seconds": max(again, SOONEST_UNAIDED)}


def _refused_context(submission: Submission) -> dict[str, Any]:
    """Return what the candidate may do: `may_file` if a draft is open and may be filed now."""
    draft = open_draft(submission)
    return {
        "draft": draft,
        "may_file": draft is not None and may_file(submission, at=submission.read_at),
        "window": submission.window,
        "resumed": resumed_without_complement(submission),
    }
