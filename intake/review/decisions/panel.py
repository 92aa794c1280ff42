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
    SELECTION_ACTIONS,
    TABLE,
    Action,
    HumanReview,
    State,
    batch_moves_from,
)
from offers.models import Offer

from .labels import batch_label
from .queries import PREPARE, awaiting_complement, may_decide_on, selected_elsewhere


def decisions_context(user: User, submission: Submission) -> dict[str, Any]:
    """Return the template context for deciders; `decisions` is None for other users."""
    if not user.has_perm("submissions.decide_submission"):
        return {"decisions": None}
    held = selected_elsewhere(user, submission)
    prepares = user.has_perm(PREPARE) and may_decide_on(user=user, offer=submission.offer)
    item = _pending_item(submission) if prepares else None
    state = State(submission.state)
    is_cancelled = submission.offer.status == Offer.Status.CANCELLED
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
                {"label": move.label, "url": _prepare_url(submission, move.action)}
                for move in batch_moves_from(state)
                if not (is_cancelled and move.action in SELECTION_ACTIONS)
            ]
            if may
            else [],
            "take_back_url": _prepare_url(submission, Action.TAKE_BACK)
            if may and state in TABLE[Action.TAKE_BACK].sources
            else "",
            "reserve_url": reverse("review:reserve_list", args=[submission.offer.number])
            if prepares and state == State.RESERVE
            else "",
        }
    }


def _pending_item(submission: Submission) -> DecisionItem | None:
    found = submission.decision_items.filter(state=DecisionItem.State.OPEN).select_related("batch")
    return found.first()


def _prepare_url(submission: Submission, action: Action) -> str:
    query = {
        "offre": submission.offer.number or "",
        "action": action.value,
        "candidatures": str(submission.public_id),
    }
    return f"{reverse('review:prepare_decisions')}?{urlencode(query)}"
