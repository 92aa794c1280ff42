"""Answers saved while they are typed: the script of a section's page posts its form after each pause."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.drafts.answer_merge import answer_conflicts, format_seen
from intake.submissions.drafts.operations import autosave_section
from intake.submissions.lifecycle.errors import DraftArrivedError, DraftClosedError, OfferNotOpenError

from .save_limits import refuse_excess


@never_cache
@require_POST
def autosave(request: HttpRequest, public_id: UUID, key: str) -> HttpResponse:
    """POST: save the section's form as it is; return what the page shows about it, a fragment of HTML.

    200: saved, but for parts in conflict, which the fragment lists. 401: signed out. 404: no such draft any more. 409:
    the draft may not change. 413: the form is too long. 422: the form is damaged. 429: too many saves. Only 200 saved
    anything.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    if (excess := refuse_excess(request, by_script=True)) is not None:
        return excess
    try:
        found = autosave_section(user=request.user, public_id=public_id, key=key, posted=request.POST)
    except (DraftArrivedError, OfferNotOpenError, OutOfScopeChangeError) as refusal:
        return _render(request, {"refusal": refusal}, HTTPStatus.CONFLICT)
    except DraftClosedError:
        found = None
    if found is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    saved, section, form = found
    if form.is_damaged:
        return HttpResponse(status=HTTPStatus.UNPROCESSABLE_ENTITY)
    stored = saved.draft.answers
    context = {
        "draft": saved.draft,
        "section": section,
        "seen": format_seen(saved.seen),
        "submission": saved.draft.submission,
        "conflicts": answer_conflicts((section,), stored),
        "own": saved.conflicts,
        "to_correct": form.fields_to_correct(),
    }
    return _render(request, context, HTTPStatus.OK)


def _render(request: HttpRequest, context: dict[str, Any], status: HTTPStatus) -> HttpResponse:
    return render(request, "submissions/autosaved.html", context, status=status)
