"""Marks saved while they are typed, by the script of the file's page (`static/js/marks.js`).

They are a draft of the member. Once the assessment was submitted on this filing, it can have no draft: the changes wait
in the member's session until they are submitted or the session ends.
"""

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from intake.accounts.second_factor.required import SCRIPT_HEADER
from intake.outbox.selectors import database_instant
from intake.review.access.errors import ReviewError
from intake.review.models import Assessment
from intake.review.pages.shortcuts import acting_user
from intake.submissions.drafts.views.save_limits import refuse_excess
from intake.submissions.models import Submission
from intake.web import formats
from intake.web.kept_form import posted_fields

from .errors import AlreadySubmittedError
from .forms import AssessmentForm
from .operations import save_assessment

_SESSION_KEY: Final = "typed_marks"
_MOST_KEPT: Final = 10
"""Changes to submitted assessments, the latest ones, that one session keeps."""


def is_typed(request: HttpRequest) -> bool:
    """True if the page's script sent the form after a pause."""
    return SCRIPT_HEADER in request.headers


def save_typed(request: HttpRequest, submission: Submission, form: AssessmentForm) -> HttpResponse:
    """Save the form as a draft; return its version and what the page says, as JSON.

    200: saved. 403: the page is another user's. 409: the draft cannot be saved. 422: a field is invalid. 429: too many
    saves.
    """
    user = acting_user(request)
    if request.headers[SCRIPT_HEADER] != str(user.public_id):
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    if (excess := refuse_excess(request, by_script=True)) is not None:
        return excess
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"said": said}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    version, at = form.cleaned_data["version"], database_instant()
    said = _("Brouillon enregistré à %(hour)s, visible pour vous seulement.")
    try:
        own = save_assessment(
            submission=submission,
            reviewer=user,
            given=form.given(),
            version=version,
            filing_id=form.cleaned_data["filing"],
            at=at,
            is_typing=True,
        )
    except AlreadySubmittedError:
        _keep(request, submission)
        said = _(
            "Changements gardés à %(hour)s, visibles pour vous seulement. Remettez de nouveau votre évaluation pour "
            "qu’ils comptent."
        )
    except ReviewError as refusal:
        return JsonResponse({"said": str(refusal)}, status=HTTPStatus.CONFLICT)
    else:
        version = own.version
        forget_typed(request, submission)
    return JsonResponse({"version": version, "said": said % {"hour": formats.hour(at)}})


def typed_changes(request: HttpRequest, submission: Submission, own: Assessment | None) -> dict[str, str]:
    """Return the changes that wait for `own` in this session, by field; empty if it was saved elsewhere since."""
    if own is None or own.submitted_at is None:
        return {}
    kept = request.session.get(_SESSION_KEY, {}).get(str(submission.public_id), {})
    fields = {name: texts[-1] for name, texts in kept.items() if texts}
    if (fields.get("version"), fields.get("filing")) != (
        str(own.version),
        str(submission.standing_filing_id),
    ):
        return {}
    return fields


def forget_typed(request: HttpRequest, submission: Submission) -> None:
    """Remove the changes that wait in this session, once they are submitted or undone."""
    if str(submission.public_id) in request.session.get(_SESSION_KEY, {}):
        del request.session[_SESSION_KEY][str(submission.public_id)]
        request.session.modified = True


def _keep(request: HttpRequest, submission: Submission) -> None:
    kept = dict(request.session.get(_SESSION_KEY, {}))
    kept.pop(str(submission.public_id), None)
    kept[str(submission.public_id)] = posted_fields(request)
    request.session[_SESSION_KEY] = dict(list(kept.items())[-_MOST_KEPT:])
