"""Views of the filing page: review the draft, file it, and say why it was not filed."""

from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts.login_required import pop_saved_form, require_login, save_form
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import open_complement, open_draft, own_submissions
from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.drafts.answer_merge import Page
from intake.submissions.drafts.closed_pages import redirect_without_draft
from intake.submissions.drafts.collection_notice import NoticeForm
from intake.submissions.drafts.complement_progress import ComplementProgress, complement_progress_of
from intake.submissions.drafts.queries import DraftDetails, DraftToFile, read_draft_details
from intake.submissions.drafts.views.notice import (
    draft_with_notice,
    kept_notice_form,
    record_acceptance,
    redirect_to_notice,
)
from intake.submissions.filing.declarations import DECLARATIONS
from intake.submissions.filing.form_version import (
    changed_since,
    complement_value,
    form_version_of,
    parse_complement_value,
    parse_form_version,
    part_digests,
)
from intake.submissions.filing.operations import ComplementChangedError, DeclarationMissingError
from intake.submissions.gate.verdict_display import display_verdict
from intake.submissions.lifecycle.candidate_status import candidate_status_of, resumed_without_complement
from intake.submissions.lifecycle.errors import (
    AnswersConflictError,
    DraftGoneError,
    MoveNotAllowedError,
    OfferNotOpenError,
    StaleDraftError,
)
from intake.submissions.models import Draft, Receipt, ReviewRequest, Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.questions.grid_form import FieldError
from intake.submissions.rulings.queries import kept_rulings
from intake.submissions.states import HumanReview
from intake.web import formats
from intake.web.request_wait import received_ns_of
from intake.web.statement_limit import without_statement_limit
from intake.web.templatetags.portal import instant_element, raise_ordinals
from offers.models import Offer

from .arrivals import check_before_arrival, file_if_room, receive_arrival
from .changes import changes_of, is_unchanged_amendment
from .evaluation import IncompleteError, NotEligibleError
from .forms import DeclarationsForm, HumanReviewForm
from .held_press import PRESS_FIELD, held_press_of, hold_press
from .review_message import saved_message
from .reviewed_answers import review_sections
from .witness import witnesses

FOLDED_ABOVE: Final = 1000
"""Characters of a section of which the page shows the first lines: several windows of a phone."""


IN_PLACE: Final = "X-In-Place"
"""Header of a press that the page's script sends."""
_REFUSED_FIELD: Final = "refused"
"""Field, added to a kept form, with the HTTP status of its refusal."""


class FilingStep(StrEnum):
    """Next step of the candidate on the filing page."""

    FILE = "FILE"
    ASK_REVIEW = "ASK_REVIEW"
    """File with a review request: a criterion is not met."""
    RESTORE = "RESTORE"
    """Undo changes that the complement request does not name."""
    SETTLE = "SETTLE"
    """Choose between two answers to a question."""
    CHANGE = "CHANGE"
    """Change something: the amendment is the same as the current filing."""
    COMPLETE = "COMPLETE"
    CLOSED = "CLOSED"
    """Too late."""


@require_own_submission
@require_safe
def review(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """GET: everything that would be filed, the verdict per criterion, and the button that files it."""
    draft = open_draft(submission)
    if draft is None:
        return redirect_without_draft(request, submission)
    return redirect_to_notice(request, submission) or _show_review(request, submission, draft)


@without_statement_limit
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: CandidateRequest, public_id: UUID) -> HttpResponseBase:
    """POST: the draft that the page displayed arrives, and is filed at once, or as soon as there is room.

    Redirect to the receipt, or else to the page that says when it arrived. Idempotent: a repeated POST redirects to the
    same receipt. If nothing is filed, redirect here: GET displays the posted form and the reason.

    To the page's script, which sends the header `IN_PLACE`, a redirect is JSON (`to`), and an ended session is 401 with
    what attests the press (`press`). Without the script the form is kept during sign-in, with the same.
    """
    is_signed_out = request.method == "POST" and not request.user.is_authenticated
    if is_signed_out:
        press = hold_press(request.POST, received_ns_of(request.META))
        if IN_PLACE in request.headers:
            return JsonResponse({"press": press}, status=401)
        _add_field(request, PRESS_FIELD, press)
    answer = _file(request, public_id)
    if IN_PLACE in request.headers and isinstance(answer, HttpResponseRedirect):
        return JsonResponse({"to": answer.url})
    return answer


@require_login(keeps_form=True)
def _file(request: CandidateRequest, public_id: UUID) -> HttpResponseBase:
    """File the posted draft if the page displayed it, its answers and the current collection notice, all accepted."""
    if request.method != "POST":
        return _show_kept_form(request, public_id)
    seen = parse_form_version(request.POST)
    # One query, where `require_own_submission` takes three: thousands send this request in the last minute.
    found = draft_with_notice(request, public_id, draft=seen.draft) if seen else None
    if seen is None or found is None:
        return _redirect_to_current_page(request, public_id)
    if found.draft.closed_at is not None:
        return _redirect_to_receipt(request, found.draft)
    notice = None if found.is_noticed else record_acceptance(request)
    return _file_shown_version(request, public_id, found, seen.version, notice)


def _file_shown_version(
    request: CandidateRequest, public_id: UUID, found: DraftToFile, version: int, notice: NoticeForm | None
) -> HttpResponseBase:
    """File the open draft at `version`, or display the reason why not. `notice` is the form still to be accepted."""
    draft = found.draft
    form = _form_of(request.POST)
    if notice is not None or not form.is_valid():
        return _show_again(request, public_id, status=422)
    press: dict[str, Any] = {
        "draft": draft,
        "version": version,
        "declarations": frozenset(row.key for row in DECLARATIONS if form.cleaned_data[row.key]),
        "review_message": form.cleaned_data.get("review_message", ""),
        "asked": parse_complement_value(request.POST),
    }
    try:
        if found.is_often_refused:
            check_before_arrival(**press, actor=request.user)
        arrival = receive_arrival(
            **press,
            reads_english=get_language() == "en",
            cited=held_press_of(request.POST) or witnesses.cite(received_ns_of(request.META)),
        )
        receipt = file_if_room(arrival=arrival, actor=request.user)
    except (OfferNotOpenError, MoveNotAllowedError) as refused:
        return show_refusal(request, draft, refused)
    except DraftGoneError:
        return _redirect_to_current_page(request, public_id)
    except (StaleDraftError, AnswersConflictError, ComplementChangedError, OutOfScopeChangeError):
        return _show_again(request, public_id, status=409)
    except (IncompleteError, NotEligibleError, DeclarationMissingError):
        # No message: the page lists what is missing or not met, by the same computation.
        return _show_again(request, public_id, status=422)
    return redirect("submissions:receipt" if receipt is not None else "submissions:arrival", public_id)


def _form_of(posted: QueryDict) -> DeclarationsForm:
    return HumanReviewForm(posted) if "review_message" in posted else DeclarationsForm(posted)


@require_own_submission
def _show_again(request: CandidateRequest, submission: Submission, *, status: int) -> HttpResponseBase:
    """Redirect to GET, which displays the posted form, with `status`, and why nothing is filed.

    If the draft is no longer open, redirect as every click of its button: to the receipt, or to its arrival.
    """
    if open_draft(submission) is None:
        return redirect_without_draft(request, submission)
    _add_field(request, _REFUSED_FIELD, str(status))
    if save_form(request):
        return redirect(request.path)
    return _show_posted_form(request, submission.public_id, request.POST)


def _add_field(request: CandidateRequest, name: str, value: str) -> None:
    posted = request.POST.copy()
    posted[name] = value
    request.POST = posted  # type: ignore[assignment]  # -- the setter takes any form


def _show_kept_form(request: CandidateRequest, public_id: UUID) -> HttpResponseBase:
    """Display the form that was not filed, or was kept during sign-in; without one, redirect to the current page."""
    kept = pop_saved_form(request)
    if kept is None:
        return _redirect_to_current_page(request, public_id)
    return _show_posted_form(request, public_id, kept)


@require_own_submission
def _show_posted_form(request: CandidateRequest, submission: Submission, posted: QueryDict) -> HttpResponse:
    draft = open_draft(submission)
    if draft is None:
        return redirect_without_draft(request, submission)
    notice = kept_notice_form(request, posted)
    # The browser sends the kept fields: any other status is its own.
    status = {"409": 409, "422": 422}.get(posted.get(_REFUSED_FIELD, ""), 200)
    return _show_review(request, submission, draft, posted, status=status, notice=notice)


@require_own_submission
def _redirect_to_current_page(request: CandidateRequest, submission: Submission) -> HttpResponseBase:
    """Redirect to the filing page if there is an open draft, else to the receipt. POST with a draft: HTTP 409."""
    draft = open_draft(submission)
    if draft is not None and request.method == "POST":
        return _show_again(request, submission.public_id, status=409)
    if submission.arrived_at is not None:
        return redirect_without_draft(request, submission)
    if draft is None and parse_form_version(request.POST):  # the posted draft was discarded
        messages.warning(
            request, _("Cette modification n’existe plus : elle a été abandonnée. Elle n’est pas déposée.")
        )
    return redirect("submissions:review" if draft else "submissions:receipt", submission.public_id)


def _redirect_to_receipt(request: CandidateRequest, draft: Draft) -> HttpResponse:
    receipt = Receipt.objects.select_related("filing__submission__offer").get(filing__draft=draft)
    filing, submission = receipt.filing, receipt.filing.submission
    if submission.standing_filing_id != filing.pk:
        at = filing.received_at.astimezone(submission.offer.zone)
        values = {"number": receipt.number, "instant": formats.instant(at)}
        messages.info(
            request,
            raise_ordinals(
                _(
                    "Votre dépôt n° %(number)s a bien été reçu le %(instant)s. Un dépôt plus récent l’a remplacé."
                )
                % values
            ),
        )
    return redirect("submissions:receipt", submission.public_id)


def _show_review(
    request: CandidateRequest,
    submission: Submission,
    draft: Draft,
    posted: QueryDict | None = None,
    *,
    status: int = 200,
    notice: NoticeForm | None = None,
) -> HttpResponse:
    """Display the review page. `posted`: the form that was not filed."""
    at = submission.read_at
    sent = QueryDict() if posted is None else posted
    form = _form_of(sent) if posted is not None else None
    application = read_draft_details(submission, draft, at=at)
    complement = open_complement(submission)
    asked_again = complement is not None and parse_complement_value(sent) not in {None, complement.pk}
    changed = changed_since(sent, application) if posted is not None else None
    # The current verdict decides which form: another tab may have changed the answers since the page was displayed.
    is_refused = application.readiness.may_be_filed_under_reserve
    lifted = kept_rulings(submission, application.readiness.verdict) if is_refused else None
    wanted = HumanReviewForm if is_refused and lifted is None else DeclarationsForm
    standing_filing = submission.standing_filing
    if form is None or type(form) is not wanted or changed is not None or asked_again:
        # The declarations applied to the earlier page: clear them. Keep the text of the review request.
        message = sent.get("review_message", "")
        if wanted is HumanReviewForm and "review_message" not in sent:
            previous = (
                ReviewRequest.objects.filter(filing=standing_filing).first() if standing_filing else None
            )
            earlier = previous.message if previous is not None else ""
            message = saved_message(draft) or _unfiled_message(draft) or earlier
        form = wanted(initial={"review_message": message})
    completion = complement_progress_of(application, at=at)
    changes = changes_of(application, standing_filing) if standing_filing is not None else []
    on = at.astimezone(submission.offer.zone).date()
    answered = review_sections(application.readiness.asked, draft.answers, on=on)
    missing = {section.key for section in application.readiness.missing_sections}
    context = {
        "application": application,
        "news": unread_changes_of(draft),
        "submission": submission,
        "offer": submission.offer,
        "amended": standing_filing,
        "changes": changes,
        "answered": answered,
        "missing": [section for section in answered if section.key in missing],
        "folded": {
            section.key for section in answered if section.length > FOLDED_ABOVE and not section.to_correct
        },
        "verdict": display_verdict(application.readiness.verdict),
        "form": form,
        "mistakes": _mistakes(form),
        "lifted": lifted,
        "was_lifted": submission.reserve == HumanReview.LIFTED,
        "seen": form_version_of(draft),
        "asked": complement_value(complement),
        "asked_again": asked_again,
        "completion": completion,
        "step": _next_step(
            application,
            completion,
            is_lifted=lifted is not None,
            is_unchanged=is_unchanged_amendment(application, changes),
        ),
        "standing": candidate_status_of(submission, at=at),
        "parts": part_digests(application),
        "changed": changed,
        "notice": notice,
        "press": sent.get(PRESS_FIELD, ""),
        "is_kept": posted is not None and _REFUSED_FIELD not in posted,
        "page": Page(get_random_string(8), 0),
        "too_late": not application.is_open,
        "now": at,
    }
    return render(request, "submissions/review.html", context, status=status)


def _unfiled_message(draft: Draft) -> str:
    """Return the text of the review request that the draft's latest arrival has, if it was not filed; else empty."""
    found = draft.arrivals.exclude(review_message="").order_by("-pk").values_list("review_message", flat=True)
    return found.first() or ""


def _mistakes(form: DeclarationsForm) -> list[FieldError]:
    """Return the errors without the labels, which are whole declarations."""
    return [
        FieldError(str(text), form[name].id_for_label)
        for name, texts in form.errors.items()
        for text in texts
    ]


def _next_step(
    application: DraftDetails,
    completion: ComplementProgress | None,
    *,
    is_lifted: bool,
    is_unchanged: bool,
) -> FilingStep:
    if not application.is_open:
        return FilingStep.CLOSED
    if completion is not None and completion.is_astray:
        return FilingStep.RESTORE
    if application.conflicts:
        return FilingStep.SETTLE
    if application.readiness.may_be_filed or is_lifted:
        return FilingStep.CHANGE if is_unchanged else FilingStep.FILE
    if application.readiness.may_be_filed_under_reserve:
        return FilingStep.ASK_REVIEW
    return FilingStep.COMPLETE


def show_refusal(
    request: CandidateRequest, draft: Draft, refused: OfferNotOpenError | MoveNotAllowedError
) -> HttpResponse:
    """Return HTTP 409 with the reason why `draft` is not filed, the instant of the request and a link to the draft.

    A separate page: the filing page costs many times more, and at closing time late requests must not delay those
    that are in time.
    """
    if isinstance(refused, OfferNotOpenError) and refused.submission is not None and refused.at is not None:
        submission, at = refused.submission, refused.at
    else:
        submission = own_submissions(request.user).get(pk=draft.submission_id)
        at = submission.read_at
    offer, window = submission.offer, submission.window
    # Query the complement requests only if the page displayed one.
    resumed = bool(parse_complement_value(request.POST)) and resumed_without_complement(submission)
    context = {
        "submission": submission,
        "offer": offer,
        "window": window,
        "now": at,
        "asked": instant_element(at.astimezone(offer.zone), "secondes"),
        "amended": submission.standing_filing,
        "moved_on": isinstance(refused, MoveNotAllowedError),
        "is_late": offer.status == Offer.Status.PUBLISHED and window.closes_at <= at and not resumed,
        "resumed": resumed,
    }
    return render(request, "submissions/not_filed.html", context, status=409)
