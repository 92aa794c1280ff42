"""Decisions on a submission's page: the pending one, those that may be prepared, and a selection for another offer."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from intake.accounts.models import User
from intake.review.models import DecisionItem
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import Submission
from intake.submissions.states import (
    DECIDED,
    TABLE,
    Action,
    HumanReview,
    State,
    batch_moves_from,
)
from offers.models import Offer

from .labels import batch_label
from .queries import PREPARE, awaiting_complement, leads_nowhere, may_decide_on, selected_elsewhere


def decisions_context(user: User, submission: Submission) -> dict[str, Any]:
    """Return the template context for deciders; `decisions` is None for other users."""
    if not user.has_perm("submissions.decide_submission"):
        return {"decisions": None}
    offer, state = submission.offer, State(submission.state)
    held = selected_elsewhere(user, submission)
    prepares = user.has_perm(PREPARE) and may_decide_on(user=user, offer=offer)
    pending = submission.decision_items.filter(state=DecisionItem.State.OPEN).select_related("batch")
    item = pending.first() if prepares else None
    is_cancelled = offer.status == Offer.Status.CANCELLED
    may = prepares and item is None and submission.reserve != HumanReview.PENDING
    may = may and not awaiting_complement([submission])
    return {
        "decisions": {
            "held": held.offer if held else None,
            "took_part": held is not None and held.state == State.COMPLETED,
            "cancelled": OfferCancelledError.message if is_cancelled and state not in DECIDED else "",
            "item": item,
            "action": TABLE[Action(item.action)].label if item else "",
            "state": batch_label(item.batch.state) if item else None,
            "choices": [
                {"label": move.label, "url": prepare_url(offer, submission, move.action)}
                for move in batch_moves_from(state)
                if not leads_nowhere(move.action, offer)
            ]
            if may
            else [],
            "take_back_url": prepare_url(offer, submission, Action.TAKE_BACK)
            if may and state in TABLE[Action.TAKE_BACK].sources
            else "",
            "reserve_url": reverse("review:reserve_list", args=[offer.number])
            if prepares and state == State.RESERVE
            else "",
        }
    }


def prepare_url(offer: Offer, submission: Submission, action: Action, **filters: str) -> str:
    """Return the address at which `action` is prepared on a submission to `offer`."""
    query = {
        "offre": offer.number or "",
        "action": action.value,
        **filters,
        "candidatures": str(submission.public_id),
    }
    return f"{reverse('review:prepare_decisions')}?{urlencode(query)}"
