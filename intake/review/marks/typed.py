"""What a reader types about a file, saved by the page's script (`static/js/marks.js`) until it is submitted.

Marks, remarks and the comment are the member's draft assessment. What no draft can hold waits in a `ReadingDraft`:
facts checked on the reading page, and changes to an assessment that was submitted on this filing.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.accounts.second_factor.required import SCRIPT_HEADER
from intake.outbox.selectors import database_instant
from intake.review.access.errors import ReviewError
from intake.review.models import Assessment, ReadingDraft
from intake.review.pages.shortcuts import acting_user
from intake.submissions.drafts.views.save_limits import refuse_excess
from intake.submissions.models import Submission
from intake.web import formats
from intake.web.kept_form import posted_fields

from .errors import AlreadySubmittedError
from .forms import AssessmentForm
from .operations import save_assessment


def is_typed(request: HttpRequest) -> bool:
    """True if the page's script sent the form after a pause."""
    return SCRIPT_HEADER in request.headers


def save_typed(request: HttpRequest, submission: Submission, form: AssessmentForm | None) -> HttpResponse:
    """Save what is typed; return its version and what the page says, as JSON. `form` is None for who gives no mark.

    200: saved. 403: the page is another user's. 409: the draft cannot be saved. 422: a field is invalid. 429: too many
    saves.
    """
    user = acting_user(request)
    if request.headers[SCRIPT_HEADER] != str(user.public_id):
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    if (excess := refuse_excess(request, by_script=True)) is not None:
        return excess
    if form and not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"said": said}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    at = database_instant()
    said = _("Brouillon enregistré à %(hour)s, visible pour vous seulement.")
    version = form.cleaned_data["version"] if form else 0
    try:
        if form and (version or not form.given().is_empty()):
            version = save_assessment(
                submission=submission,
                reviewer=user,
                given=form.given(),
                version=version,
                filing_id=form.cleaned_data["filing"],
                at=at,
                is_typing=True,
            ).version
    except AlreadySubmittedError:
        said = _(
            "Changements gardés à %(hour)s, visibles pour vous seulement. Remettez de nouveau votre évaluation pour "
            "qu’ils comptent."
        )
    except ReviewError as refusal:
        return JsonResponse({"said": str(refusal)}, status=HTTPStatus.CONFLICT)
    fields = {name: texts[-1] for name, texts in posted_fields(request).items() if texts}
    keep_typed(submission=submission, reader=user, fields=fields | {"version": str(version)}, at=at)
    return JsonResponse({"version": version, "said": said % {"hour": formats.hour(at)}})


def keep_typed(*, submission: Submission, reader: User, fields: Mapping[str, str], at: datetime) -> None:
    """Keep the posted `fields` of a file for their reader, in place of those kept before."""
    values = {"fields": dict(fields), "saved_at": at}
    try:
        with transaction.atomic():
            ReadingDraft.objects.update_or_create(submission=submission, reader=reader, defaults=values)
    except IntegrityError:  # two first saves at once
        ReadingDraft.objects.filter(submission=submission, reader=reader).update(**values)


def typed_fields(submission: Submission, reader: User, own: Assessment | None) -> dict[str, str]:
    """Return what `reader` typed about the current filing and did not submit, by field.

    Without the fields of the assessment, if it was saved elsewhere since: `own` is then newer.
    """
    draft = ReadingDraft.objects.filter(submission=submission, reader=reader).first()
    fields: dict[str, str] = draft.fields if draft else {}
    if fields.get("filing") != str(submission.standing_filing_id):
        return {}
    if fields.get("version") == str(own.version if own else 0):
        return fields
    return {name: text for name, text in fields.items() if name.startswith(FACT_PREFIX)}


FACT_PREFIX = "constat-"
"""Prefix of the fields about a finding, on the reading page."""


def forget_typed(submission: Submission, reader: User) -> None:
    """Delete what `reader` typed, once it is submitted or undone."""
    ReadingDraft.objects.filter(submission=submission, reader=reader).delete()
