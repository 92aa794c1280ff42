"""Dry run of a bulk move: the possible moves, and the predicted result for each submission."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.functions import TransactionNow
from django.db.models import QuerySet

from intake.accounts.models import User
from intake.review.access.anonymous_review import with_name_visibility
from intake.review.access.errors import InAnotherRunError, InConflictError
from intake.review.access.impartiality import impartial_offers
from intake.review.access.visibility import visible_submissions
from intake.review.claims.operations import FileClaimedError
from intake.review.decisions.errors import DecisionPendingError
from intake.review.decisions.queries import pending_decisions
from intake.review.models import BULK_MAX, BulkItem, Claim
from intake.review.moves.operations import predicted_refusal
from intake.submissions.models import Submission
from intake.submissions.states import Action, HumanReview, Move
from offers.models import Offer

BULK_ACTIONS: Final = (
    Action.START_REVIEW,
    Action.REOPEN,
    Action.SHORTLIST,
    Action.LEAVE_SHORTLIST,
    Action.RECOMMEND,
)
"""In the order of the work. None is announced: announced decisions are made by decision batches."""


@dataclass(frozen=True, slots=True)
class PredictedMove:
    """Predicted result of an action for one submission: a move, or the code of its `refusal`."""

    submission: Submission
    refusal: str

    @property
    def moves(self) -> bool:
        """True if the submission would be moved."""
        return not self.refusal


def first_of_queue(queue: QuerySet[Submission], move: Move) -> tuple[list[int], bool]:
    """Return the keys of the first `BULK_MAX` of `queue`, in its order, and whether some are left out.

    If there are more, only submissions that `move` could move are returned.
    """
    chosen = list(queue.values_list("pk", flat=True)[: BULK_MAX + 1])
    if len(chosen) <= BULK_MAX:
        return chosen, False
    movable = queue.filter(state__in=move.sources).exclude(
        reserve__in=[HumanReview.PENDING, HumanReview.UPHELD]
    )
    return list(movable.values_list("pk", flat=True)[:BULK_MAX]), True


def predict_moves(*, chosen: Sequence[int], move: Move, actor: User) -> list[PredictedMove]:
    """Return the predicted result of `move` for each of `chosen` that `actor` may read, in the queue's order."""
    rows = list(
        with_name_visibility(visible_submissions(actor), actor)
        .filter(pk__in=chosen)
        .select_related("offer", "standing_filing__receipt")
        .order_by("received_at", "pk")
    )
    waiting = BulkItem.objects.filter(submission__in=chosen, state=BulkItem.State.OPEN)
    claims = Claim.objects.filter(submission__in=chosen, expires_at__gt=TransactionNow())
    awaited = pending_decisions().filter(submission__in=chosen)
    offers = impartial_offers(Offer.objects.filter(pk__in={row.offer_id for row in rows}), actor)
    free = set(offers.values_list("pk", flat=True))
    bound = {row.pk for row in rows if move.chooses and row.offer_id not in free}
    others = {
        **dict.fromkeys(_submissions_of(awaited), DecisionPendingError.code),
        **dict.fromkeys(_submissions_of(claims.exclude(holder=actor)), FileClaimedError.code),
        **dict.fromkeys(bound, InConflictError.code),
        **dict.fromkeys(_submissions_of(waiting), InAnotherRunError.code),
    }
    return [PredictedMove(row, others.get(row.pk) or _refusal_code(row, move)) for row in rows]


def _submissions_of(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("submission", flat=True))


def _refusal_code(submission: Submission, move: Move) -> str:
    refusal = predicted_refusal(submission, move)
    return refusal.code if refusal else ""


def may_run_bulk_move(user: User, move: Move) -> bool:
    """True if `user` may make this move on many submissions."""
    return move.action in BULK_ACTIONS and user.has_perm(f"submissions.{move.permission}")
