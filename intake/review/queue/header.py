"""Header of the queue, beside its filters: the user's bulk runs, and the saved views."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from intake.review.models import BulkRun, SavedView
from intake.review.pages.queue_navigation import canonical, queue_url
from intake.review.pages.shortcuts import acting_user
from intake.submissions.states import TABLE, Action

from .forms import SavedViewForm
from .operations import SHARE

_RECENT = timedelta(hours=12)
_RUNS = 3
_SHARED_MAX = 20
"""Maximum number of other users' views above the queue, by name: a row of links, not a list to search."""


class RunLink(NamedTuple):
    """Link to a recent bulk run of the user."""

    label: str
    url: str
    is_open: bool
    asked_at: Any


class ViewLink(NamedTuple):
    """Link to a saved view; `is_current` if the queue shows it now."""

    name: str
    url: str
    is_current: bool
    is_others: bool


def recent_bulk_runs(request: HttpRequest) -> list[RunLink]:
    """Return the user's latest bulk runs, `_RUNS` at most: those of the last 12 hours and those still open."""
    since = timezone.now() - _RECENT
    runs = BulkRun.objects.filter(Q(ended_at=None) | Q(asked_at__gte=since), actor=acting_user(request))
    return [
        RunLink(
            str(TABLE[Action(run.action)].label),
            reverse("review:bulk_run", args=[run.public_id]),
            run.ended_at is None,
            run.asked_at,
        )
        for run in runs.order_by("-asked_at", "-pk")[:_RUNS]
    ]


def saved_views_context(request: HttpRequest) -> dict[str, Any]:
    """Return the saved views and, if the queue is filtered by none of them, the form that saves the filter."""
    user = acting_user(request)
    query = canonical(request.GET.urlencode())
    own = list(SavedView.objects.filter(owner=user).order_by("name", "pk"))
    shared = SavedView.objects.filter(shared=True).exclude(owner=user).order_by("name", "pk")[:_SHARED_MAX]
    links = [
        ViewLink(view.name, queue_url(view.query), view.query == query, view.owner_id != user.pk)
        for view in [*own, *shared]
    ]
    is_kept = any(link.is_current for link in links)
    form = SavedViewForm(may_share=user.has_perm(SHARE)) if query and not is_kept else None
    return {"links": links, "has_own": bool(own), "query": query, "form": form}
