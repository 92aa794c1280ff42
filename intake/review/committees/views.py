"""Page « Lecture à l’aveugle »: the anonymous review of an offer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.review.access.errors import InConflictError
from intake.review.access.impartiality import is_impartial
from intake.review.marks.queries import countable_assessments
from intake.review.models import Assessment, BlindReading
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer
from offers.models import Offer

from .operations import end_anonymous_review, start_anonymous_review

END = "lever"
"""Value of `acte` sent by the button that ends the review. Any other value starts it."""


@require_http_methods(["GET", "HEAD", "POST"])
def anonymous_review(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET: state and history of the anonymous review. POST: start or end it."""
    actor = acting_user(request, "review.set_blind_reading")
    offer = get_object_or_404(Offer, number=number)
    impartial = is_impartial(user=actor, offer=offer)
    if request.method == "POST":
        if not impartial:
            messages.error(request, str(InConflictError()))
        elif request.POST.get("acte") == END:
            if end_anonymous_review(offer=offer, actor=actor):
                messages.success(request, _("La lecture à l’aveugle est levée : le comité lit les noms."))
        elif start_anonymous_review(offer=offer, actor=actor):
            messages.success(
                request, _("L’offre se lit à l’aveugle : le comité ne voit plus de qui est chaque dossier.")
            )
        return redirect("review:blind_reading", number=offer.number)
    history = BlindReading.objects.filter(offer=offer).select_related("begun_by", "ended_by")
    context = admin_context(request) | {
        "title": _("Lecture à l’aveugle"),
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "impartial": impartial,
        "bound_words": InConflictError.message,
        "running": history.filter(ended_at=None).first(),
        "marks": countable_assessments(Assessment.objects.filter(submission__offer=offer)).count(),
        "history": history.order_by("-begun_at", "-pk"),
    }
    return TemplateResponse(request, "review/blind.html", context)
