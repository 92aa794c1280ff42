"""The reading page: the dossier's pages on the left; on the right the facts, the grid, and one button for all of it.

One form, one POST: everything in it is recorded, or nothing. It works without JavaScript; with it,
`static/js/reading.js` adds the keys, and `static/js/marks.js` saves what is typed.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.base.numbers import posted_number
from intake.journal.services import record
from intake.outbox.selectors import database_instant
from intake.review.access.errors import NotOnCommitteeError, ReviewError, StaleFilingError
from intake.review.claims.operations import FileClaimedError
from intake.review.claims.views import add_claimed_error, taken_over_from
from intake.review.evidence.errors import StaleEvidenceError
from intake.review.marks.errors import StaleAssessmentError, UnmarkedError
from intake.review.marks.typed import is_typed, save_typed
from intake.review.models import Assessment
from intake.review.pages.queue_navigation import QUERY_PARAMETER, file_url, queue_url
from intake.review.pages.shortcuts import acting_user, admin_context, visible_or_404
from intake.submissions.models import Submission
from intake.submissions.receipts.operations import request_dossier_pages

from .forms import AsideForm, FactForm, ReadingForm
from .keys import ACTIONS, KeysForm, choose_keys, keys_of
from .operations import FactRefusedError, GivenAssessment, put_aside, submit_reading
from .page import read_file, reading_context, reading_form
from .queries import files_to_read, neighbours_of

SUBMIT, LATER = "remettre", "plus-tard"
"""Values of `acte`. Any other one records the facts, keeps the assessment as a draft, and stays on the file."""


@require_safe
def read_next(request: HttpRequest) -> HttpResponseBase:
    """Redirect to the first file to read, of the filtered queue that the address names or of those assigned."""
    first = files_to_read(request, acting_user(request)).first()
    return _to_file(request, first, _("Il ne reste aucun dossier à lire."))


@require_http_methods(["GET", "HEAD", "POST"])
def read(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """GET: the file to read. POST: submit it and go on, put it aside, or save what is typed."""
    submission = visible_or_404(request, public_id)
    if request.method != "POST":
        if request.method == "GET":
            record(actor=acting_user(request), action="SUBMISSION_OPENED", subject=submission)
        return _show(request, submission)
    if request.POST.get("acte") == LATER:
        return _put_aside(request, submission)
    form = reading_form(read_file(submission, acting_user(request)), request.POST)
    if is_typed(request):
        return save_typed(request, submission, form.assessment)
    if not form.is_valid():
        return _show(request, submission, form)
    submits = request.POST.get("acte") == SUBMIT
    following = neighbours_of(request, acting_user(request), submission).following if submits else submission
    refusal = _submit(request, submission, form, submits=submits)
    if refusal is not None:
        return _show(request, visible_or_404(request, public_id), form, refusal=refusal)
    return _to_file(request, following, _("C’était le dernier dossier à lire."))


def _show(
    request: HttpRequest,
    submission: Submission,
    form: ReadingForm | None = None,
    *,
    aside: AsideForm | None = None,
    refusal: str = "",
) -> TemplateResponse:
    file = read_file(submission, acting_user(request))
    context = reading_context(request, file, form or reading_form(file), aside=aside, refusal=refusal)
    if request.method == "GET" and file.pages and not context["are_drawn"]:
        request_dossier_pages(receipt=file.details.filing.receipt, at=database_instant())
    return TemplateResponse(request, "review/reading.html", context, status=422 if form or aside else 200)


def _to_file(request: HttpRequest, file: Submission | None, none_left: str) -> HttpResponseBase:
    """Redirect to the reading page of `file`; if there is none, to the queue, with the sentence `none_left`."""
    if file is not None:
        return redirect(file_url(request, file, "review:read"))
    messages.success(request, none_left)
    return redirect(queue_url(request.GET.get(QUERY_PARAMETER, "")))


def _put_aside(request: HttpRequest, submission: Submission) -> HttpResponseBase:
    aside, reader = AsideForm(request.POST), acting_user(request)
    if not aside.is_valid():
        return _show(
            request, submission, reading_form(read_file(submission, reader), request.POST), aside=aside
        )
    reason = aside.cleaned_data["aside_reason"]
    following = neighbours_of(request, reader, submission).following
    put_aside(submission=submission, reader=reader, reason=reason, at=database_instant())
    messages.success(request, _("Dossier mis de côté : il reviendra après les autres."))
    return _to_file(request, following, _("Il ne reste aucun autre dossier à lire."))


def _submit(request: HttpRequest, submission: Submission, form: ReadingForm, *, submits: bool) -> str | None:
    """Record what the form says, and return None; or return why not, empty if its fields say it."""
    given = None
    if form.assessment is not None:
        data, version = form.assessment.given(), form.assessment.cleaned_data["version"]
        if submits or version or not data.is_empty():
            given = GivenAssessment(data, version, submits)
    try:
        submit_reading(
            submission=submission,
            filing_id=posted_number(request.POST.get("filing", "")) or 0,
            facts=form.checks(),
            assessment=given,
            reader=acting_user(request),
            at=database_instant(),
            over=taken_over_from(request),
        )
    except FactRefusedError as refused:
        _add_fact_error(form.facts[refused.position], refused.refusal)
        return ""
    except UnmarkedError as refusal:
        if form.assessment is not None:
            form.assessment.add_missing_errors(refusal.lines)
        return str(refusal)
    except NotOnCommitteeError:
        return _("Vous ne siégez pas au comité de cette offre : rien n’a été enregistré.")
    except ReviewError as refusal:
        if form.assessment is not None:
            _renew_versions(form, refusal, submission, request)
        return str(refusal)
    messages.success(
        request, _("Votre évaluation est remise.") if submits and given else _("C’est enregistré.")
    )
    return None


def _add_fact_error(form: FactForm, refusal: ReviewError) -> None:
    if isinstance(refusal, FileClaimedError):
        add_claimed_error(form, refusal)
        return
    form.add_error(None, str(refusal))
    if isinstance(refusal, StaleEvidenceError):
        form.update_version(seen=refusal.last.pk if refusal.last else 0)


def _renew_versions(
    form: ReadingForm, refusal: ReviewError, submission: Submission, request: HttpRequest
) -> None:
    """Give the form the versions that its page now shows, so that it can be sent again."""
    if form.assessment is None:
        return
    if isinstance(refusal, StaleAssessmentError):
        own = Assessment.objects.get(submission=submission, reviewer=acting_user(request))
        form.assessment.update_version(version=own.version)
    elif isinstance(refusal, StaleFilingError):
        submission.refresh_from_db(fields=["standing_filing"])
        form.assessment.update_version(filing=submission.standing_filing_id)


@require_http_methods(["GET", "HEAD", "POST"])
def reading_keys(request: HttpRequest) -> HttpResponseBase:
    """GET: the reader's keys on the reading page. POST: change them."""
    reader = acting_user(request)
    keys = keys_of(reader)
    posted = request.POST if request.method == "POST" else None
    form = KeysForm(posted, initial={"enabled": keys.enabled, **keys.keys})
    if form.is_valid():
        letters = {name: form.cleaned_data[name] for name in ACTIONS}
        choose_keys(reader=reader, enabled=form.cleaned_data["enabled"], keys=letters)
        messages.success(request, _("Vos touches sont enregistrées."))
        return redirect("review:reading_keys")
    context = admin_context(request) | {"title": _("Touches de lecture"), "form": form}
    return TemplateResponse(request, "review/reading_keys.html", context, status=422 if form.errors else 200)
