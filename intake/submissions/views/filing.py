"""Reading everything once more, filing, and the proof that it was filed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts.doors import signed_in
from intake.dossiers.receipts.address import verifying_path
from intake.submissions.amending import changes_of
from intake.submissions.declarations import DECLARATIONS
from intake.submissions.errors import (
    DeclarationMissingError,
    DraftGoneError,
    IncompleteError,
    MoveNotAllowedError,
    NotEligibleError,
    OfferNotOpenError,
)
from intake.submissions.findings import show_filed_verdict, show_verdict
from intake.submissions.following import last_mail
from intake.submissions.forms import DeclarationsForm, NoticeForm, UnderReserveForm
from intake.submissions.kinds import DOSSIER_MAIL, RECEIPT_MAIL
from intake.submissions.models import Draft, Submission
from intake.submissions.news import news_of
from intake.submissions.proving import facts_of
from intake.submissions.reading import read_filing
from intake.submissions.receipt_pdf import receipt_pdf_of
from intake.submissions.selectors import open_draft, own_submissions, read_application
from intake.submissions.services import file_draft
from intake.submissions.standing import standing_of
from intake.submissions.wording import answered_sections
from intake.transparency.selectors import due_by, where_logged

from .access import CandidateRequest, own
from .late import show_refusal
from .notice import draft_under_notice, notice_first, take_acceptance


@own
@require_safe
def review(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """Show all that would be filed, the verdict criterion by criterion, and the one button."""
    draft = open_draft(submission)
    if draft is None:
        return redirect("submissions:receipt", submission.public_id)
    return notice_first(request, submission) or _show_review(request, submission, draft)


@signed_in()
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: CandidateRequest, public_id: UUID) -> HttpResponseBase:
    """File the draft. A second click, or a click after a lost reply, leads to the same receipt.

    Under a notice that changed since the page was shown, nothing is filed before it is accepted, there and then.
    Whoever only follows the address (back from signing in or from changing language) is taken to the button's page.
    """
    # One query, where `own` takes three: this is the request that thousands send in the last minute.
    found = draft_under_notice(request, public_id) if request.method == "POST" else None
    if found is None:
        return _not_to_file(request, public_id)
    draft, is_noticed = found
    asks_review = "review_message" in request.POST
    form = UnderReserveForm(request.POST) if asks_review else DeclarationsForm(request.POST)
    notice = None if is_noticed else take_acceptance(request)
    if notice is not None or not form.is_valid():
        return _show_again(request, draft, form, status=422, notice=notice)
    try:
        file_draft(
            draft=draft,
            actor=request.user,
            declarations=frozenset(row.key for row in DECLARATIONS if form.cleaned_data[row.key]),
            review_message=form.cleaned_data.get("review_message", ""),
            reads_english=get_language() == "en",
        )
    except (OfferNotOpenError, MoveNotAllowedError) as refused:
        return show_refusal(request, draft, refused)
    except DraftGoneError:
        messages.warning(
            request, _("Cette modification n’existe plus : elle a été abandonnée. Elle n’est pas déposée.")
        )
        return _not_to_file(request, public_id)
    except (IncompleteError, NotEligibleError, DeclarationMissingError):
        # The page says what is missing or not met better than a sentence would: it is computed the same way.
        return _show_again(request, draft, form, status=422)
    return redirect("submissions:receipt", public_id)


@own
def _not_to_file(_request: CandidateRequest, submission: Submission) -> HttpResponse:
    """Lead to what there is: the button's page while there is a draft, the receipt once there is none."""
    draft = open_draft(submission)
    return redirect("submissions:review" if draft else "submissions:receipt", submission.public_id)


def _show_again(
    request: CandidateRequest, draft: Draft, form: DeclarationsForm, *, status: int, **why: Any
) -> HttpResponse:
    """Show the button's page with what was refused; filed or withdrawn meanwhile, what stands."""
    submission = own_submissions(request.user).get(pk=draft.submission_id)
    draft.submission = submission
    return _show_review(request, submission, draft, form, status=status, **why)


def _show_review(
    request: CandidateRequest,
    submission: Submission,
    draft: Draft,
    form: DeclarationsForm | None = None,
    *,
    status: int = 200,
    notice: NoticeForm | None = None,
) -> HttpResponse:
    application = read_application(submission, draft, at=timezone.now())
    # The form follows the verdict of now: answers may have changed in another tab since the page was shown.
    wanted = UnderReserveForm if application.readiness.may_be_filed_under_reserve else DeclarationsForm
    if form is None or type(form) is not wanted:
        form = wanted()
    standing_filing = submission.standing_filing
    context = {
        "application": application,
        "news": news_of(draft),
        "submission": submission,
        "offer": submission.offer,
        "amended": standing_filing,
        "changes": changes_of(application, standing_filing) if standing_filing is not None else [],
        "answered": answered_sections(application.readiness.asked, draft.answers),
        "verdict": show_verdict(application.readiness.verdict),
        "form": form,
        "notice": notice,
        "too_late": not application.is_open,
        "now": timezone.now(),
    }
    return render(request, "submissions/review.html", context, status=status)


@own
@require_safe
def receipt(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """Show the number, the instant, what was filed, and where the mail and the dossier are."""
    filing = submission.standing_filing
    if filing is None:
        return redirect("submissions:tasks", submission.public_id)
    filed = read_filing(filing)
    facts = facts_of(filed.receipt)
    at = timezone.now()
    standing = standing_of(submission, at=at)
    context = {
        "submission": submission,
        "standing": standing,
        "reserve": submission.reserve,
        "is_decided": standing.is_decided,
        "offer": submission.offer,
        "filed": filed,
        "verdict": show_filed_verdict(filed),
        "replaced": filing.replaces,
        "facts": facts,
        "verify_address": verifying_path(facts),
        "receipt_pdf": receipt_pdf_of(filed),
        "receipt_mail": last_mail(filed.receipt, RECEIPT_MAIL),
        "dossier_mail": last_mail(filed.receipt, DOSSIER_MAIL),
        "logged": where_logged(filed.receipt.number),
        "logged_by": due_by(filing.received_at),
        "now": at,
    }
    return render(request, "submissions/receipt.html", context)
