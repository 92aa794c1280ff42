"""« Lecture à l’aveugle » : what staff ask of a committee, offer by offer, and the file as it is then read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.review.access.anonymous_review import blinded
from intake.review.access.impartiality import is_impartial
from intake.review.access.queries import submitted
from intake.review.claims.views import hand_context
from intake.review.exports.rows import payload_of
from intake.review.marks.panel import assessment_context
from intake.review.models import Assessment, BlindReading
from intake.review.moves.views import moves_offered
from intake.review.pages import labels
from intake.review.pages.forms import AssessmentForm
from intake.review.pages.queue_navigation import KEPT, place_in_queue
from intake.review.pages.shortcuts import acting_user, frame_of, number_of, queue_of_offer
from intake.submissions.models import Submission
from intake.submissions.states import State
from offers.criteria_words import criterion_names
from offers.models import Offer

from .anonymous_review import begin_blind_reading, end_blind_reading

END = "lever"
"""What the button that gives the names back sends as `acte`; anything else hides them."""


@require_http_methods(["GET", "HEAD", "POST"])
def blind_reading(request: HttpRequest, number: str) -> HttpResponseBase:
    """Say whether the offer is read blind and what that means; a POST changes it."""
    actor = acting_user(request)
    if not actor.has_perm("review.set_blind_reading"):
        raise PermissionDenied
    offer = get_object_or_404(Offer, number=number)
    impartial = is_impartial(user=actor, offer=offer)
    if request.method == "POST":
        if not impartial:
            messages.error(request, str(labels.BOUND))
        elif request.POST.get("acte") == END:
            if end_blind_reading(offer=offer, actor=actor):
                messages.success(request, _("La lecture à l’aveugle est levée : le comité lit les noms."))
        elif begin_blind_reading(offer=offer, actor=actor):
            messages.success(
                request, _("L’offre se lit à l’aveugle : le comité ne voit plus de qui est chaque dossier.")
            )
        return redirect("review:blind_reading", number=offer.number)
    history = BlindReading.objects.filter(offer=offer).select_related("begun_by", "ended_by")
    context = frame_of(request) | {
        "title": _("Lecture à l’aveugle"),
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "impartial": impartial,
        "bound_words": labels.BOUND,
        "running": history.filter(ended_at=None).first(),
        "marks": submitted(Assessment.objects.filter(submission__offer=offer)).count(),
        "history": history.order_by("-begun_at", "-pk"),
    }
    return TemplateResponse(request, "review/blind.html", context)


def show_blind_file(
    request: HttpRequest, submission: Submission, *, assessment: AssessmentForm | None = None
) -> TemplateResponse:
    """Return the page of a file whose person this reader may not know.

    Made of what may be shown, not of the other page with parts left out: what is added there stays there.
    """
    user = acting_user(request)
    filing = submission.standing_filing
    if filing is None:
        msg = "a filed submission has a standing filing"
        raise ValueError(msg)
    sealed = payload_of(filing.seal)
    payload = blinded(sealed) if sealed else None
    context = (
        frame_of(request)
        | assessment_context(user, submission, payload, assessment)
        | hand_context(user, submission)
        | {
            "title": _("Candidature %(number)s") % {"number": number_of(submission)},
            "submission": submission,
            "number": number_of(submission),
            "filing": filing,
            "payload": payload,
            "findings": _findings(sealed.verdict["findings"]) if sealed else [],
            "verdict": labels.verdict_word(filing.verdict.outcome),
            "state": labels.state_word(State(submission.state)),
            "place": place_in_queue(request, submission),
            "moves": moves_offered(user, submission),
            "kept_query": f"?{request.GET.urlencode()}" if KEPT in request.GET else "",
            # The others write as they please: what they wrote is read once the names may be.
            "assessments": None,
            "unseen": False,
        }
    )
    return TemplateResponse(
        request,
        "review/blind_file.html",
        context,
        status=422 if assessment and assessment.errors else 200,
    )


def _findings(found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return each criterion and its outcome; not what was observed, which tells of the person."""
    titles = criterion_names(row["kind"] for row in found)
    return [{"title": title, "outcome": row["outcome"]} for title, row in zip(titles, found, strict=True)]
