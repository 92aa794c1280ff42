"""Choice between two answers that two pages gave to one question."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import open_draft
from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.drafts.closed_pages import redirect_without_draft
from intake.submissions.drafts.operations import settle_conflict
from intake.submissions.lifecycle.errors import DraftClosedError, OfferNotOpenError
from intake.submissions.models import Submission
from intake.submissions.questions.sections import asked_sections, section_by_key

SAVED, TYPED = "saved", "typed"
"""Names of the buttons, each with what the page displayed (`AnswerConflict.shown`)."""


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: CandidateRequest, submission: Submission, key: str) -> HttpResponse:
    """POST: keep the chosen answer; return to the page with the choice. GET (after sign-in): the section."""
    section = section_by_key(key, asked_sections(submission.offer))
    if section is None:
        raise Http404
    draft = open_draft(submission)
    if draft is None:
        return redirect_without_draft(request, submission)
    address = reverse("submissions:section", args=[submission.public_id, key])
    if request.method != "POST":
        return redirect(address)
    keeps_typed = TYPED in request.POST
    shown = request.POST.get(TYPED if keeps_typed else SAVED, "")
    try:
        is_settled = settle_conflict(draft=draft, section=section, shown=shown, keeps_typed=keeps_typed)
    except OutOfScopeChangeError as refused:
        messages.error(request, str(refused))
    except OfferNotOpenError:
        return redirect("submissions:review", submission.public_id)
    except DraftClosedError:
        return redirect("submissions:receipt", submission.public_id)
    else:
        if not is_settled:
            messages.warning(request, _("Ces réponses ont changé entre-temps. Les voici maintenant."))
    if "review" in request.POST:
        address = reverse("submissions:review", args=[submission.public_id])
        return redirect(f"{address}#depot")
    return redirect(address)
