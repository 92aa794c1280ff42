"""Verify a finding in the documents, from the submission's own page: one finding, one form, one operation."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from intake.review.access.anonymous_review import is_name_hidden
from intake.review.access.errors import (
    HumanReviewPendingError,
    InConflictError,
    ReviewError,
    StaleFilingError,
)
from intake.review.access.impartiality import is_impartial
from intake.review.claims.operations import FileClaimedError
from intake.review.claims.views import add_claimed_error, taken_over_from
from intake.review.evidence.errors import PageOutOfBoundsError, UnknownDocumentError
from intake.review.evidence.forms import EvidenceForm, prefix_of
from intake.review.evidence.operations import verify_finding
from intake.review.evidence.panel import documents_of
from intake.review.evidence.queries import confirmed_counts
from intake.review.models import Evidence
from intake.review.pages.forms import INCOMPLETE
from intake.review.pages.queue_navigation import file_url
from intake.review.pages.shortcuts import acting_user, refuse, visible_or_404
from intake.submissions.models import Filing, Submission

from .views import show_file


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, public_id: UUID, position: int) -> HttpResponseBase:
    """POST: confirm or contradict one finding. If it is not possible, the page comes back with what was typed."""
    submission = visible_or_404(request, public_id)
    # Without the documents there is nothing to verify against.
    if is_name_hidden(submission) or not acting_user(request).has_perm("review.verify_finding"):
        raise PermissionDenied
    back = f"{file_url(request, submission)}#critere-{position}"
    if request.method != "POST":
        return redirect(back)
    if not is_impartial(user=acting_user(request), offer=submission.offer):
        return refuse(request, InConflictError(), back)
    standing = submission.standing_filing
    form = EvidenceForm(
        request.POST, prefix=prefix_of(position), documents=documents_of(standing) if standing else ()
    )
    if form.is_valid() and _verify_from_form(request, submission, position, form):
        return redirect(back)
    return show_file(request, visible_or_404(request, public_id), verifications={position: form})


def _verify_from_form(
    request: HttpRequest, submission: Submission, position: int, form: EvidenceForm
) -> bool:
    """Save the verification and report what remains. Return False if the page must be shown again."""
    data = form.cleaned_data
    filing = (
        Filing.objects.filter(submission=submission, pk=data["filing"])
        .select_related("seal", "verdict")
        .first()
    )
    if filing is None:
        form.add_error(None, INCOMPLETE)
        return False
    try:
        verify_finding(
            filing=filing,
            position=position,
            outcome=Evidence.Outcome(data["outcome"]),
            basis=form.basis(),
            actor=acting_user(request),
            seen=data["seen"],
            over=taken_over_from(request),
        )
    except FileClaimedError as refusal:
        add_claimed_error(form, refusal)
        return False
    except PageOutOfBoundsError as refusal:
        form.add_error("page", str(refusal))
        return False
    except ReviewError as refusal:
        form.add_error(None, _refusal_message(refusal))
        return False
    messages.success(request, _saved_message(filing))
    return True


def _refusal_message(refusal: ReviewError) -> str:
    match refusal:
        case StaleFilingError():
            return str(UnknownDocumentError())
        case HumanReviewPendingError():
            return _(
                "Cette candidature est sous réserve : le jugement d’une personne sur ce que les règles refusent vient "
                "d’abord. Votre vérification n’est pas enregistrée."
            )
        case _:
            return str(refusal)


def _saved_message(filing: Filing) -> str:
    done, wanted = confirmed_counts(filing)
    return ngettext(
        "Votre vérification est enregistrée : %(done)s constat sur %(wanted)s est confirmé.",
        "Votre vérification est enregistrée : %(done)s constats sur %(wanted)s sont confirmés.",
        done,
    ) % {"done": done, "wanted": wanted}
