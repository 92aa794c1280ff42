"""Text of a review request, saved while it is typed. Only the text that is sent with the filing counts.

The draft keeps its version, so that an open page may still be filed.
"""

from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from intake.accounts.models import User
from intake.base.database_errors import broken_constraint
from intake.submissions.lifecycle.errors import DraftArrivedError, OfferNotOpenError
from intake.submissions.lifecycle.locks import read_own_draft
from intake.submissions.models import Draft
from intake.submissions.questions.answers import REVIEW_MESSAGE

from .forms import REVIEW_MESSAGE_MAX

_SAVE: Final = """
WITH mine AS MATERIALIZED (SELECT id FROM submissions_submission WHERE id = %s FOR UPDATE)
UPDATE submissions_draft d SET answers = d.answers
        || jsonb_build_object(%s::text, jsonb_build_object('text', %s::text)), saved_at = statement_timestamp()
FROM mine
WHERE d.submission_id = mine.id AND d.id = %s AND d.closed_at IS NULL AND statement_timestamp() < %s
RETURNING d.saved_at
"""


def saved_message(draft: Draft) -> str:
    """Return the text that was saved last; empty if there is none."""
    kept = draft.answers.get(REVIEW_MESSAGE)
    return str(kept["text"]) if isinstance(kept, dict) else ""


def save_message(*, user: User, public_id: UUID, text: str) -> Draft | None:
    """Save the text with the open draft of the user's submission, as typed; return the draft, or None if there is none.

    :raises OfferNotOpenError: if the filing window is over.
    :raises DraftArrivedError: if the draft waits to be filed.
    """
    found = read_own_draft(user, public_id)
    if found is None:
        return None
    draft, _now = found
    kept = text.replace("\x00", "")[: 2 * REVIEW_MESSAGE_MAX]
    window = draft.submission.window
    try:
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, [draft.submission_id, REVIEW_MESSAGE, kept, draft.pk, window.closes_at])
            row = cursor.fetchone()
    except IntegrityError as refused:
        if broken_constraint(refused) == "an_arrived_draft_is_frozen":
            raise DraftArrivedError from refused
        raise
    if row is None:
        raise OfferNotOpenError
    (draft.saved_at,) = row
    return draft


@never_cache
@require_POST
def autosave_message(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """POST: save the text of the review request as it is; return what the page shows about it, as `autosave` does."""
    if not request.user.is_authenticated:
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    text = request.POST.get(REVIEW_MESSAGE, "")
    try:
        draft = save_message(user=request.user, public_id=public_id, text=text)
    except (DraftArrivedError, OfferNotOpenError) as refusal:
        return _render(request, {"refusal": refusal}, HTTPStatus.CONFLICT)
    if draft is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    context = {"draft": draft, "seen": request.POST.get("seen", ""), "conflicts": (), "to_correct": ()}
    return _render(request, context, HTTPStatus.OK)


def _render(request: HttpRequest, context: dict[str, Any], status: HTTPStatus) -> HttpResponse:
    return render(request, "submissions/autosaved.html", context, status=status)
