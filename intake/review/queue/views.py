"""Header of the queue: the user's bulk runs and the saved views. Pages that save, rename, share or delete a view."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.review.access.errors import ReviewError
from intake.review.models import BulkRun, SavedView
from intake.review.pages.queue_navigation import canonical, queue_url
from intake.review.pages.shortcuts import acting_user, admin_context
from intake.submissions.states import TABLE, Action

from .saved_views import SHARE, SavedViewForm, ViewNameTakenError, change_view, delete_view, save_view

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


@require_http_methods(["GET", "HEAD", "POST"])
def saved_views(request: HttpRequest) -> HttpResponseBase:
    """GET: the user's own views. POST: save the queue's filter under a name."""
    user = acting_user(request)
    form = None
    query = canonical(request.POST.get("query", ""))
    if request.method == "POST":
        form = SavedViewForm(request.POST, may_share=user.has_perm(SHARE))
        if form.is_valid() and _save_from_form(request, form, partial(save_view, owner=user, query=query)):
            return redirect(queue_url(query))
    context = admin_context(request) | {
        "title": _("Mes vues"),
        "form": form,
        "query": query,
        "queue_url": queue_url(query),
        "views": [
            {"view": view, "url": queue_url(view.query)} for view in user.saved_views.order_by("name", "pk")
        ],
        "place": {"queue_url": queue_url(query)},
    }
    status = 422 if form is not None else 200
    return TemplateResponse(request, "review/views/list.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def saved_view(request: HttpRequest, view_id: UUID) -> HttpResponseBase:
    """Rename or share a view, or delete it.

    :raises Http404: if there is no such view, or if it is another user's.
    """
    user = acting_user(request)
    view = get_object_or_404(SavedView, public_id=view_id, owner=user)
    if request.method == "POST" and "delete" in request.POST:
        delete_view(view=view)
        messages.success(request, _("La vue « %(name)s » est supprimée.") % {"name": view.name})
        return redirect("review:saved_views")
    form = SavedViewForm(
        request.POST if request.method == "POST" else None,
        initial={"name": view.name, "shared": view.shared},
        may_share=user.has_perm(SHARE),
    )
    name = view.name
    if form.is_bound and form.is_valid() and _save_from_form(request, form, partial(change_view, view=view)):
        return redirect("review:saved_views")
    context = admin_context(request) | {
        "title": name,
        "form": form,
        "url": queue_url(view.query),
        "place": {"queue_url": queue_url(view.query)},
    }
    return TemplateResponse(request, "review/views/change.html", context, status=422 if form.errors else 200)


def _save_from_form(request: HttpRequest, form: SavedViewForm, save: Callable[..., SavedView]) -> bool:
    """Save the form's values and add a message. Return False if the page must be shown again."""
    try:
        save(name=form.cleaned_data["name"], shared=form.cleaned_data.get("shared", False))
    except ReviewError as refusal:
        form.add_error("name" if isinstance(refusal, ViewNameTakenError) else None, str(refusal))
        return False
    messages.success(request, _("La vue « %(name)s » est enregistrée.") % form.cleaned_data)
    return True
