"""View of what became of a request to file: it waits, it is filed, or it was refused."""

from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import open_draft
from intake.submissions.lifecycle.candidate_status import may_file, resumed_without_complement
from intake.submissions.models import Arrival, Submission

from .line import line

SOONEST: Final = 1
LATEST: Final = 30
"""Seconds after which the page of a waiting arrival is asked for again."""
SOONEST_UNAIDED: Final = 5
"""The same without scripts, where the whole page is read out again."""


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
    arrived_at = latest.arrived_at.astimezone(submission.offer.zone)
    context = {
        "submission": submission,
        "offer": submission.offer,
        "arrival": latest,
        "arrived_at": arrived_at,
        "amended": submission.standing_filing,
        "is_answer": submission.is_incomplete,
        "is_waiting": is_waiting,
        "now": submission.read_at,
    }
    if is_waiting:
        parts = waiting_parts(
            arrived_at=arrived_at,
            before=count_before(latest),
            mail_to=submission.candidate.email,
            is_answer=submission.is_incomplete,
        )
        body = render_to_string("submissions/arrival.html", context | parts, request)
        return waiting_response(body, parts)
    return render(request, "submissions/arrival.html", context | _refused_context(submission))


def count_before(arrival: Arrival) -> int:
    """Return how many arrivals wait that arrived before `arrival`."""
    waiting = Arrival.objects.filter(state=Arrival.State.WAITING, arrived_at__lt=arrival.arrived_at)
    return waiting.count()


def waiting_parts(
    *, arrived_at: datetime, before: int, mail_to: str, is_answer: bool = False
) -> dict[str, Any]:
    """Return what the page of a waiting arrival has for one person: the rest is the same for all of an offer.

    `arrived_at`: in the offer's zone. `before`: how many are before it. `mail_to`: the address of the receipt.
    """
    # Not before it should be filed: each question takes processor time from the filings that it waits for.
    again = min(max(SOONEST, round(line.seconds_behind(before))), LATEST)
    return {
        "arrived": _render_arrived(
            arrived_at.replace(microsecond=0), str(arrived_at.tzinfo), is_answer, get_language()
        ),
        "place": _render_place(before, get_language()),
        "again_seconds": again,
        "unaided_seconds": max(again, SOONEST_UNAIDED),
        "mail_to": mail_to,
    }


def waiting_response(body: str, parts: dict[str, Any]) -> HttpResponse:
    """Return 202 with the page of a waiting arrival, and after how many seconds to ask again."""
    headers = {"Retry-After": str(parts["again_seconds"])}
    return HttpResponse(body, status=HTTPStatus.ACCEPTED, headers=headers)


@lru_cache(maxsize=1000)
def _render_arrived(arrived_at: datetime, _zone: str, is_answer: bool, _language: str | None) -> SafeString:  # noqa: FBT001 -- a key
    """Return the sentence with the second of an arrival, the same for all that arrived in it.

    `_zone`: its zone, since the same instant in two zones is one key.
    """
    return render_to_string(
        "submissions/arrival_instant.html", {"arrived_at": arrived_at, "is_answer": is_answer}
    )


@lru_cache(maxsize=1000)
def _render_place(before: int, _language: str | None) -> SafeString:
    return render_to_string("submissions/arrival_place.html", {"before": before})


def _refused_context(submission: Submission) -> dict[str, Any]:
    """Return what the candidate may do: `may_file` if a draft is open and may be filed now."""
    draft = open_draft(submission)
    return {
        "draft": draft,
        "may_file": draft is not None and may_file(submission, at=submission.read_at),
        "window": submission.window,
        "resumed": resumed_without_complement(submission),
    }
