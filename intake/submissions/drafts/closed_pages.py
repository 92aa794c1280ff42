"""Messages and redirects of a candidate's pages if the draft waits or is filed, or only a complement may be filed."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from intake.submissions.access.decorators import CandidateRequest
from intake.submissions.access.queries import own_submissions
from intake.submissions.lifecycle.candidate_status import resumed_without_complement
from intake.submissions.lifecycle.errors import DraftArrivedError
from intake.submissions.models import Submission
from offers.models import Offer

_OVER: Final = gettext_lazy("Le délai du complément est passé : rien n’a été changé.")
_CANCELLED: Final = gettext_lazy("L’offre est annulée : rien n’a été changé.")
_RESUMED: Final = gettext_lazy(
    "L’étude de votre candidature a repris sans complément : vous n’avez plus rien à envoyer, et rien n’a été changé."
)


def redirect_without_draft(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """Redirect from a page of a draft that is not open: to its arrival while it waits to be filed, else to the receipt.

    After a POST, a message states that an arrived draft no longer changes.
    """
    if submission.arrived_at is None:
        return redirect("submissions:receipt", submission.public_id)
    if request.method == "POST":
        messages.warning(request, str(DraftArrivedError()))
    return redirect("submissions:arrival", submission.public_id)


def redirect_to_filed(
    request: CandidateRequest, submission: Submission, label: str, part: str
) -> HttpResponse:
    """Redirect to the filed content of `part`, which is out of scope, with a message about why it has no form."""
    messages.info(
        request,
        _(
            "« %(label)s » ne fait pas partie du complément et ne peut pas changer. Voici ce que vous avez déposé."
        )
        % {"label": label},
    )
    return redirect(f"{reverse('submissions:review', args=[submission.public_id])}#partie-{part}")


def closed_message(
    request: CandidateRequest, submission: Submission, otherwise: StrOrPromise
) -> StrOrPromise:
    """Return why a change of `submission`, which is read again, was refused; `otherwise` if no special case applies."""
    now = own_submissions(request.user).get(pk=submission.pk)
    if now.arrived_at is not None:
        return DraftArrivedError.message
    if now.offer.status == Offer.Status.CANCELLED:
        return _CANCELLED
    if now.is_incomplete and now.window.is_complement:
        return _OVER
    return _RESUMED if resumed_without_complement(now) else otherwise
