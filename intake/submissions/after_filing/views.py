"""Views of a filed submission: start or discard an amendment, withdraw."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.login_required import pop_saved_form
from intake.submissions.access.decorators import (
    CandidateRequest,
    require_own_submission,
    require_own_submission_and_form,
)
from intake.submissions.access.queries import open_draft
from intake.submissions.drafts.closed_pages import closed_message, redirect_without_draft
from intake.submissions.lifecycle.candidate_status import CandidateStatus, candidate_status_of
from intake.submissions.lifecycle.errors import (
    DraftArrivedError,
    DraftClosedError,
    MoveNotAllowedError,
    OfferNotOpenError,
)
from intake.submissions.models import Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.web import formats
from intake.web.templatetags.portal import raise_ordinals

from .forms import WithdrawalForm
from .operations import discard_amendment, start_amendment, withdraw_submission


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """POST: start the amendment, or reuse the open one; parts outside a complement's scope may be restored as filed.

    GET: redirect to the receipt, or to the timeline if a complement is requested.
    """
    stands = "submissions:follow" if submission.is_incomplete else "submissions:receipt"
    if request.method != "POST" or submission.standing_filing is None:
        return redirect(stands, submission.public_id)
    before = open_draft(submission)
    try:
        draft = start_amendment(submission=submission, actor=request.user)
    except OfferNotOpenError as refusal:
        messages.warning(request, closed_message(request, submission, str(refusal)))
        return redirect(stands, submission.public_id)
    except DraftArrivedError as refusal:
        messages.warning(request, str(refusal))
        return redirect("submissions:arrival", submission.public_id)
    except MoveNotAllowedError:
        messages.warning(request, _("Cette candidature ne peut plus être modifiée : rien n’a changé."))
        return redirect("submissions:receipt", submission.public_id)
    if before is not None and before.version != draft.version:
        messages.warning(
            request,
            _(
                "Vos réponses sont rétablies, sauf celles du complément. Votre réponse n’est pas encore déposée."
            ),
        )
    back = "submissions:review" if request.POST.get("back") == "review" else "submissions:tasks"
    return redirect(back, submission.public_id)


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """GET: confirmation page. POST: discard the amendment. A first draft or a draft filed concurrently is kept."""
    draft = open_draft(submission)
    if draft is None or submission.standing_filing is None:
        return redirect_without_draft(request, submission)
    at = submission.read_at
    standing = candidate_status_of(submission, at=at)
    if request.method == "POST":
        try:
            discard_amendment(draft=draft, actor=request.user)
        except DraftArrivedError as refusal:
            messages.warning(request, str(refusal))
        except DraftClosedError:
            messages.info(
                request, _("Cette modification vient d’être déposée. Vous ne pouvez plus l’abandonner.")
            )
        else:
            messages.success(request, _discarded_message(standing))
        return redirect("submissions:receipt", submission.public_id)
    context = {
        "submission": submission,
        "standing": standing,
        "offer": submission.offer,
        "news": unread_changes_of(draft),
        "now": at,
    }
    return render(request, "submissions/discard.html", context)


def _discarded_message(standing: CandidateStatus) -> str:
    if not standing.is_asked:
        return _("La modification est abandonnée. Elle n’a rien changé.")
    if not standing.may_answer:
        return _("Votre réponse est abandonnée. Elle n’a rien changé.")
    until = formats.closing(standing.submission.window.closing)
    words = _(
        "Votre réponse est abandonnée. Elle n’a rien changé. Le complément reste demandé : vous pouvez y répondre "
        "jusqu’au %(until)s."
    )
    return raise_ordinals(words % {"until": until})


@require_own_submission_and_form
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """GET: explanation and reason form. POST: withdraw. Redirect to the receipt if withdrawal is not allowed."""
    at = submission.read_at
    standing = candidate_status_of(submission, at=at)
    if not standing.may_withdraw:
        return redirect_without_draft(request, submission)
    form = WithdrawalForm(request.POST if request.method == "POST" else pop_saved_form(request))
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_submission(submission=submission, actor=request.user, reason=form.stored_reason())
        except DraftArrivedError as refusal:
            messages.warning(request, str(refusal))
        except MoveNotAllowedError:
            messages.warning(
                request, _("L’état de votre candidature vient de changer. Relisez-le ci-dessous.")
            )
        return redirect("submissions:receipt", submission.public_id)
    context = {
        "submission": submission,
        "standing": standing,
        "offer": submission.offer,
        "form": form,
        "now": at,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "submissions/withdraw.html", context, status=status)
