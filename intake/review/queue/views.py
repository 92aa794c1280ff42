"""Saved views of a user: saved from the queue; renamed, shared or deleted on one page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.review.access.errors import ReviewError
from intake.review.models import SavedView
from intake.review.pages.queue_navigation import canonical, queue_url
from intake.review.pages.shortcuts import acting_user, admin_context

from .errors import ViewNameTakenError
from .forms import SavedViewForm
from .operations import SHARE, change_view, delete_view, save_view


@require_http_methods(["GET", "HEAD", "POST"])
def saved_views(request: HttpRequest) -> HttpResponseBase:
    """GET: the user's own views. POST: save the queue's filter under a name."""
    user = acting_user(request)
    form = None
    query = canonical(request.POST.get("query", ""))
    if request.method == "POST":
        form = SavedViewForm(request.POST, may_share=user.has_perm(SHARE))
        if form.is_valid() and _save_from_form(form, user, query):
            messages.success(request, _("La vue « %(name)s » est enregistrée.") % form.cleaned_data)
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
    may_share = user.has_perm(SHARE)
    form = SavedViewForm(
        request.POST if request.method == "POST" else None,
        initial={"name": view.name, "shared": view.shared},
        may_share=may_share,
    )
    name = view.name
    if form.is_bound and form.is_valid() and _change_from_form(form, view):
        messages.success(request, _("La vue « %(name)s » est enregistrée.") % form.cleaned_data)
        return redirect("review:saved_views")
    context = admin_context(request) | {
        "title": name,
        "form": form,
        "url": queue_url(view.query),
        "place": {"queue_url": queue_url(view.query)},
    }
    return TemplateResponse(request, "review/views/change.html", context, status=422 if form.errors else 200)


def _save_from_form(form: SavedViewForm, owner: User, query: str) -> bool:
    try:
        save_view(owner=owner, query=query, **_form_values(form))
    except ReviewError as refusal:
        _add_refusal(form, refusal)
        return False
    return True


def _change_from_form(form: SavedViewForm, view: SavedView) -> bool:
    try:
        change_view(view=view, **_form_values(form))
    except ReviewError as refusal:
        _add_refusal(form, refusal)
        return False
    return True


def _form_values(form: SavedViewForm) -> dict[str, Any]:
    return {"name": form.cleaned_data["name"], "shared": form.cleaned_data.get("shared", False)}


def _add_refusal(form: SavedViewForm, refusal: ReviewError) -> None:
    form.add_error("name" if isinstance(refusal, ViewNameTakenError) else None, str(refusal))
