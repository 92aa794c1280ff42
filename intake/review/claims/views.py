"""Claim bar of the submission's page: holder, expiry, and buttons to claim, renew and release."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.base.numbers import posted_number
from intake.review.access.errors import ReviewError
from intake.review.pages.forms import VersionedForm
from intake.review.pages.queue_navigation import file_url
from intake.review.pages.shortcuts import acting_user, visible_or_404
from intake.submissions.models import Submission
from intake.web import formats

from .operations import FileClaimedError, claim_file, current_claim, release_claim

GIVE_BACK = "rendre"
"""Value of `acte` sent by the release button. Any other value claims or renews."""
TAKE_OVER = "prendre"
"""Field with the number of the holder that the page displayed, from whom the user takes over."""


@require_http_methods(["GET", "HEAD", "POST"])
def claim_file_page(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """POST: claim the file, renew the claim or release it. A GET changes nothing."""
    submission = visible_or_404(request, public_id)
    if request.method == "POST":
        user = acting_user(request)
        if request.POST.get("acte") != GIVE_BACK:
            _claim(request, submission, user)
        elif release_claim(submission=submission, actor=user):
            messages.success(
                request, _("Le dossier est libéré : une autre personne peut le prendre en charge.")
            )
        else:
            messages.info(request, _("Vous n’aviez plus ce dossier en charge."))
    return redirect(file_url(request, submission))


def _claim(request: HttpRequest, submission: Submission, user: User) -> None:
    try:
        claim = claim_file(submission=submission, actor=user, over=taken_over_from(request))
    except ReviewError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("Vous avez ce dossier en charge jusqu’à %(hour)s.") % {"hour": formats.hour(claim.expires_at)},
        )


def taken_over_from(request: HttpRequest) -> int | None:
    """Return the number of the user from whom the posted form takes over. None if there is none."""
    return posted_number(request.POST.get(TAKE_OVER, ""))


def add_claimed_error(form: VersionedForm, refusal: FileClaimedError) -> None:
    """Add the error to the form, with a button that takes the file over and sends the same values again."""
    form.held = refusal.claim
    form.add_error(
        None,
        f"{refusal} "
        + _(
            "Votre texte est encore sur cette page : attendez que le dossier soit libéré, ou "
            "prenez-le en charge."
        ),
    )


def claim_context(user: User, submission: Submission) -> dict[str, Any]:
    """Return the context of the claim bar. One query."""
    claim = current_claim(submission)
    return {
        "claim": claim,
        "claim_is_own": claim is not None and claim.holder_id == user.pk,
        "claim_minutes": settings.REVIEW_CLAIM_MINUTES,
    }
