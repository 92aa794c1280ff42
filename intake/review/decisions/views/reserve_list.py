"""Page of an offer's reserve list: the order in which candidates are called when a place becomes free."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.journal.readings import record_shown
from intake.review.access.errors import ReviewError
from intake.review.decisions import queries
from intake.review.decisions.errors import StaleReserveListError
from intake.review.decisions.forms import ReserveMoveForm
from intake.review.decisions.labels import RESERVE_UNREAD, batch_refusal_message
from intake.review.decisions.panel import prepare_url
from intake.review.decisions.reserve_list import move_place
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.models import ReservePlace
from intake.review.pages.queue_navigation import UNMARKED
from intake.review.pages.shortcuts import admin_context, queue_of_offer, receipt_number
from intake.submissions.states import Action
from offers.models import Offer

from .batches import deciding_user, redirect_conflicted_user


@require_http_methods(["GET", "HEAD", "POST"])
def reserve_list_page(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET: the list. POST: move one line up or down.

    By receipt number and without a candidate to call, if a mean that gave the order is hidden from the user.
    """
    actor = deciding_user(request, queries.PREPARE)
    offer = get_object_or_404(Offer, number=number)
    if not queries.may_decide_on(user=actor, offer=offer):
        return redirect_conflicted_user(request)
    if request.method == "POST":
        _move(request, actor, offer)
        return redirect("review:reserve_list", number=number)
    in_order = queries.may_read_reserve_order(user=actor, offer=offer)
    places = list(queries.reserve_list(offer, by_number=not in_order))
    record_shown(request, [row.submission for row in places])
    awaited = queries.awaiting_decision(row.submission for row in places)
    lines = [
        {
            "place": row,
            "rank": rank,
            "number": receipt_number(row.submission),
            "name": row.submission.filed_name or _("Anonymisée"),
            "url": reverse("review:file", args=[row.submission.public_id]),
            "awaited": row.submission_id in awaited,
        }
        for rank, row in enumerate(places, start=1)
    ]
    callable_places = (row for row in places if in_order and row.submission_id not in awaited)
    first = next(callable_places, None)
    context = admin_context(request) | {
        "title": _("Liste de réserve"),
        "offer": offer,
        "lines": lines,
        "unread_words": "" if in_order else RESERVE_UNREAD,
        "to_mark_url": f"{queue_of_offer(offer)}&a-moi={UNMARKED}",
        "call_url": prepare_url(offer, first.submission, Action.SELECT, etat="RESERVE") if first else "",
        "first": first,
        "place": {"queue_url": reverse("admin:submissions_submission_changelist")},
    }
    return TemplateResponse(request, "review/reserve_list.html", context)


def _move(request: HttpRequest, actor: User, offer: Offer) -> None:
    form = ReserveMoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    place = ReservePlace.objects.filter(offer=offer, pk=form.cleaned_data["line"]).first()
    if place is None:
        messages.error(request, str(StaleReserveListError()))
        return
    try:
        move_place(
            place=place, up=form.cleaned_data["way"] == "up", seen=form.cleaned_data["seen"], actor=actor
        )
    except MarksNotSubmittedError:
        messages.error(request, str(RESERVE_UNREAD))
    except ReviewError as refusal:
        messages.error(request, batch_refusal_message(refusal))
