"""Box above the queue about the chosen offer's shortlist: its exports, its freezing, and links to the next steps."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from intake.review.access.impartiality import is_impartial
from intake.review.access.visibility import visible_submissions
from intake.review.exports.forms import ExportForm
from intake.review.exports.queries import current_bytes, needs_order, recent_orders
from intake.review.exports.views.download import export_formats
from intake.review.exports.views.order import order_links
from intake.review.pages.shortcuts import acting_user
from intake.submissions.states import State
from offers.models import Offer


def shortlist_box(request: HttpRequest, number: str) -> dict[str, Any] | None:
    """Return the context of the box for the offer with this number; None for a user who may not export."""
    user = acting_user(request)
    if not user.has_perm("submissions.export_shortlist"):
        return None
    offer = Offer.objects.filter(number=number).first() if number else None
    if offer is None:
        return {"offer": None}
    listed = visible_submissions(user).filter(offer=offer, state=State.SHORTLISTED)
    count = listed.count()
    form = ExportForm(auto_id="export-%s", initial={"key": uuid4()})
    may_freeze = user.has_perm("review.freeze_shortlist")
    may_weigh = user.has_perm("review.change_lineweight")
    may_blind = user.has_perm("review.set_blind_reading")
    may_divide = user.has_perm("review.assign_submission") and is_impartial(user=user, offer=offer)
    decides = user.has_perm("submissions.decide_submission")
    return {
        "offer": offer,
        "count": count,
        "formats": export_formats(offer),
        "form": form,
        "archive_bytes": current_bytes(listed, count),
        "is_long": needs_order("csv", count),
        "orders": order_links(recent_orders(user, offer=offer, at=timezone.now())),
        "freeze_url": reverse("review:freeze_shortlist", args=[offer.number]) if may_freeze else "",
        "ranking_url": reverse("review:ranking", args=[offer.number]) if decides else "",
        "weights_url": reverse("review:weights", args=[offer.number]) if may_weigh else "",
        "blind_url": reverse("review:blind_reading", args=[offer.number]) if may_blind else "",
        "division_url": reverse("review:assignments", args=[offer.number]) if may_divide else "",
        "frozen": offer.shortlists.order_by("-number"),
    }
