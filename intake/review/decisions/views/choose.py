"""From submissions ticked in the queue to a decision batch: which offer, and which decision."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from intake.review.decisions.operations import BATCH_MAX
from intake.review.decisions.queries import ANNOUNCED_MOVES, in_decision_order, may_decide_on
from intake.review.marks.queries import are_marks_hidden
from intake.review.pages.queue_navigation import queue_url
from intake.review.pages.shortcuts import acting_user, admin_context
from intake.submissions.models import Submission
from offers.models import Offer

from .batches import redirect_conflicted_user


def choose_decision(request: HttpRequest, queue: QuerySet[Submission]) -> HttpResponseBase:
    """Ask which decision to prepare on the submissions of `queue`, which are then ticked. Nothing is decided here."""
    # Reorder as decision pages do: the queue's own order is that of arrival.
    actor = acting_user(request)
    kept = Submission.objects.filter(pk__in=queue.order_by().values("pk"))
    found = list(in_decision_order(kept.select_related("offer"), actor)[: BATCH_MAX + 1])
    if not found:
        messages.warning(request, _("Cochez au moins une candidature, ou agissez sur toute la file."))
        return redirect(request.get_full_path())
    offer = offer_of(request, "", found)
    if offer is None:
        return redirect(request.get_full_path())
    if not may_decide_on(user=actor, offer=offer):
        return redirect_conflicted_user(request)
    if len(found) > BATCH_MAX:
        said = (
            _(
                "Un lot compte au plus %(most)s candidatures : seules les premières sont choisies ici, celles que vous "
                "avez notées d’abord, puis les autres par numéro de dépôt."
            )
            if any(are_marks_hidden(row) for row in found)
            else _("Un lot compte au plus %(most)s candidatures : seules les mieux notées sont choisies ici.")
        )
        messages.warning(request, said % {"most": BATCH_MAX})
    return show_action_choice(request, offer, found[:BATCH_MAX])


def offer_of(request: HttpRequest, number: str, selected: list[Submission]) -> Offer | None:
    """Return the offer with this number, or the only offer of `selected`. None, with a message, unless it is one.

    :raises Http404: if no offer has this number.
    """
    if number:
        offer = Offer.objects.filter(number=number).first()
        if offer is None:
            raise Http404
        return offer
    offers = {row.offer_id: row.offer for row in selected}
    if len(offers) == 1:
        return next(iter(offers.values()))
    if offers:
        messages.error(
            request,
            _("Ces candidatures sont de plusieurs offres : un lot de décisions est d’une seule offre."),
        )
    else:
        messages.info(request, _("Choisissez une offre et une décision pour commencer un lot."))
    return None


def show_action_choice(request: HttpRequest, offer: Offer, selected: list[Submission]) -> TemplateResponse:
    """Ask for the decision, if the request only names submissions."""
    here = [row for row in selected if row.offer_id == offer.pk]
    context = admin_context(request) | {
        "title": _("Quelle décision préparer ?"),
        "offer": offer,
        "selected": here,
        "choices": [
            {"move": move, "count": sum(1 for row in here if row.state in move.sources)}
            for move in ANNOUNCED_MOVES
        ],
        "place": {"queue_url": queue_url("")},
    }
    return TemplateResponse(request, "review/which_decision.html", context)
