"""What a candidate's pages say, and do, while only a complement may still be sent."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.submissions.errors import MoveNotAllowedError, OfferNotOpenError
from intake.submissions.models import Submission
from intake.submissions.services import start_amendment

from .access import CandidateRequest

NOT_ASKED: Final = gettext_lazy(
    "Seul ce qui est demandé en complément peut encore changer : le reste est comme vous l’avez déposé. Rien n’a été "
    "changé."
)
"""Why something else was not taken."""


def put_back(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """Put back as filed what an older modification changed beyond what is asked, and have the rest read again."""
    try:
        start_amendment(submission=submission, actor=request.user)
    except (OfferNotOpenError, MoveNotAllowedError):
        return redirect("submissions:receipt", submission.public_id)
    messages.warning(
        request,
        _(
            "Rien n’est déposé. Votre modification changeait autre chose que ce qui est demandé en complément : cela a "
            "été remis comme vous l’aviez déposé. Relisez ce qui reste, puis déposez."
        ),
    )
    return redirect("submissions:review", submission.public_id)
