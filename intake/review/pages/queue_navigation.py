"""Addresses of the queue, its filter, and the way between it and a submission's page.

A filter is stored, linked and compared in one form only, that of `canonical`.
"""

from copy import copy
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from intake.submissions.models import Submission

QUERY_PARAMETER = "_changelist_filters"
"""Django admin's name for the parameter that gives a changelist its filter back."""
UNMARKED = "sans-ma-note"
"""Filter value: files that the reader may mark and has not, assigned to them or not. The ranking links to it."""
_VALUE_MAX = 200
"""Maximum number of characters of one value, including the search text."""


def canonical(query: str) -> str:
    """Return the part of a query string that filters the queue: known parameters, once each, in a fixed order.

    Page number, counts and unknown parameters are left out, and so is a value that no filter accepts: over `_VALUE_MAX`
    characters, or not printable. Empty if nothing is left. It filters the reader's own queue.
    """
    given = QueryDict(query[:4_000])
    kept = {name: given.get(name, "").strip() for name in _parameters()}
    return urlencode(
        {name: value for name, value in kept.items() if 0 < len(value) <= _VALUE_MAX and value.isprintable()}
    )


def _parameters() -> list[str]:
    filters = admin.site.get_model_admin(Submission).list_filter
    named = (getattr(each, "parameter_name", None) for each in filters)
    return [*(name for name in named if isinstance(name, str)), SEARCH_VAR]


def queue_url(query: str = "") -> str:
    """Return the queue's URL, filtered by `query`."""
    address = reverse("admin:submissions_submission_changelist")
    return f"{address}?{query}" if query else address


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """Place of a submission in the queue that the user was reading."""

    queue_url: str
    previous_url: str | None
    next_url: str | None


def file_url(request: HttpRequest, submission: Submission, view: str = "review:file") -> str:
    """Return the URL of a page of the submission, its own or `view`, with the queue's filter kept."""
    kept = request.GET.get(QUERY_PARAMETER, "")
    url = reverse(view, args=[submission.public_id])
    return f"{url}?{urlencode({QUERY_PARAMETER: kept})}" if kept else url


def kept_queue(request: HttpRequest) -> QuerySet[Submission] | None:
    """Return the queue that the user was reading, in its order; None if they came from elsewhere."""
    kept = request.GET.get(QUERY_PARAMETER, "")
    return _queue(request, kept) if kept else None


def queue_position(request: HttpRequest, submission: Submission) -> QueuePosition:
    """Return the queue's URL and the neighbours of `submission` in it. An invalid filter is ignored."""
    kept = request.GET.get(QUERY_PARAMETER, "")
    queue = _queue(request, kept)
    filing = submission.standing_filing
    if filing is None:
        return QueuePosition(queue_url(), None, None)
    received, before, after = filing.received_at, Q(pk__lt=submission.pk), Q(pk__gt=submission.pk)
    # The first condition gives the start of the index scan; the second separates rows with the same instant.
    earlier = queue.filter(received_at__lte=received).filter(Q(received_at__lt=received) | before)
    later = queue.filter(received_at__gte=received).filter(Q(received_at__gt=received) | after)
    previous, following = earlier.reverse().first(), later.first()
    return QueuePosition(
        queue_url=queue_url(kept),
        previous_url=file_url(request, previous) if previous else None,
        next_url=file_url(request, following) if following else None,
    )


def _queue(request: HttpRequest, kept: str) -> QuerySet[Submission]:
    listing = copy(request)
    # The admin site validated only this page's query string, not the nested one: drop a filter with a zero byte.
    listing.GET = QueryDict("" if "%00" in kept else kept)
    model_admin = admin.site.get_model_admin(Submission)
    try:
        found: QuerySet[Submission] = model_admin.get_changelist_instance(listing).queryset
    except DisallowedModelAdminLookup:
        found = model_admin.get_queryset(request)
    return found
