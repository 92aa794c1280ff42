"""Staff page of the weights of an offer's grid lines."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from intake.review.access.errors import InConflictError, OwnSubmissionError, ReviewError
from intake.review.access.visibility import grid_lines_of
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer
from intake.web import formats
from offers.models import Offer

from .errors import StaleWeightsError
from .forms import WeightsChangeForm
from .operations import set_line_weights
from .queries import weights_of


@require_http_methods(["GET", "HEAD", "POST"])
def weights(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET: the weights of the lines. POST: change them."""
    acting_user(request, "review.change_lineweight")
    offer = get_object_or_404(Offer, number=number)
    lines = grid_lines_of(offer)
    if request.method == "POST":
        form = WeightsChangeForm(request.POST, lines=lines)
        if form.is_valid() and _set(request, offer, form):
            return redirect("review:weights", number=offer.number)
    else:
        form = WeightsChangeForm(initial=WeightsChangeForm.shown(weights_of(lines)), lines=lines)
    context = admin_context(request) | {
        "title": _("Pondérations"),
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "form": form,
    }
    return TemplateResponse(request, "review/weights.html", context, status=422 if form.errors else 200)


def _set(request: HttpRequest, offer: Offer, form: WeightsChangeForm) -> bool:
    try:
        changed = set_line_weights(
            offer=offer,
            weights=form.weights(),
            actor=acting_user(request),
            seen=form.cleaned_data["seen"],
        )
    except StaleWeightsError:
        form.add_changed_error(weights_of(grid_lines_of(offer)))
        return False
    except ReviewError as refusal:
        form.add_error(None, _refusal_message(refusal))
        return False
    words = ngettext(
        "Les pondérations sont enregistrées ; %(number)s note globale a changé.",
        "Les pondérations sont enregistrées ; %(number)s notes globales ont changé.",
        changed,
    )
    messages.success(request, words % {"number": formats.number(changed)})
    return True


def _refusal_message(refusal: ReviewError) -> str:
    match refusal:
        case OwnSubmissionError():
            return _(
                "Vous avez postulé à cette offre : une autre personne doit en fixer les "
                "pondérations. Rien n’a changé."
            )
        case InConflictError():
            return _(
                "Vous avez un conflit d’intérêts pour une candidature à cette offre : une autre "
                "personne doit en fixer les pondérations. Rien n’a changé."
            )
        case _:
            return str(refusal)
