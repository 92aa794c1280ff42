"""What may be done to many candidatures at once, and what would become of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.functions import TransactionNow
from django.db.models import QuerySet

from intake.accounts.models import User
from intake.review.access.anonymous_review import with_name_visibility
from intake.review.access.errors import InConflictError
from intake.review.access.queries import visible_submissions
from intake.review.claims.errors import FileClaimedError
from intake.review.decisions.errors import DecisionPendingError
from intake.review.decisions.queries import DECIDE, decidable_offers, pending_decisions
from intake.review.models import BULK_MAX, BulkItem, Claim
from intake.submissions.lifecycle.errors import (
    HumanReviewPendingError,
    HumanReviewUpheldError,
    MoveNotAllowedError,
    OfferCancelledError,
)
from intake.submissions.models import Submission
from intake.submissions.states import SELECTION_ACTIONS, TABLE, Action, HumanReview, Move, State
from offers.models import Offer

BULK_ACTIONS: Final = (
    Action.START_REVIEW,
    Action.REOPEN,
    Action.SHORTLIST,
    Action.LEAVE_SHORTLIST,
    Action.RECOMMEND,
)
"""In the order of the work. None is announced: what a candidate is told of leaves by a batch of decisions."""

IN_ANOTHER_RUN: Final = "IN_ANOTHER_RUN"
"""The code of an item whose candidature waits for its turn in another run."""


@dataclass(frozen=True, slots=True)
class PredictedMove:
    """What an action would do to one candidature: move it, or leave it for the reason whose code is `refusal`."""

    submission: Submission
    refusal: str

    @property
    def moves(self) -> bool:
        """Whether it would be moved."""
        return not self.refusal


def first_of_queue(queue: QuerySet[Submission], move: Move) -> tuple[list[int], bool]:
    """Return the keys of the first `BULK_MAX` of `queue`, in its order, and whether some are left out.

    When there are more, those that `move` could not touch leave their place to those that it could.
    """
    chosen = list(queue.values_list("pk", flat=True)[: BULK_MAX + 1])
    if len(chosen) <= BULK_MAX:
        return chosen, False
    movable = queue.filter(state__in=move.sources).exclude(
        reserve__in=[HumanReview.PENDING, HumanReview.UPHELD]
    )
    return list(movable.values_list("pk", flat=True)[:BULK_MAX]), True


def predict_moves(*, chosen: Sequence[int], move: Move, actor: User) -> list[PredictedMove]:
    """Return what `move` would do to each of the chosen that `actor` may read, in the queue's order."""
    rows = list(
        with_name_visibility(visible_submissions(actor), actor)
        .filter(pk__in=chosen)
        .select_related("offer", "standing_filing__receipt")
        .order_by("received_at", "pk")
    )
    waiting = set(
        BulkItem.objects.filter(submission__in=chosen, state=BulkItem.State.OPEN).values_list(
            "submission", flat=True
        )
    )
    claims = Claim.objects.filter(submission__in=chosen, expires_at__gt=TransactionNow())
    held = set(claims.exclude(holder=actor).values_list("submission", flat=True))
    awaited = set(pending_decisions().filter(submission__in=chosen).values_list("submission", flat=True))
    bound = set()
    if move.permission == DECIDE:
        free = set(
            decidable_offers(actor).filter(pk__in={row.offer_id for row in rows}).values_list("pk", flat=True)
        )
        bound = {row.pk for row in rows if row.offer_id not in free}
    others = {
        **dict.fromkeys(awaited, DecisionPendingError.code),
        **dict.fromkeys(held, FileClaimedError.code),
        **dict.fromkeys(bound, InConflictError.code),
        **dict.fromkeys(waiting, IN_ANOTHER_RUN),
    }
    return [PredictedMove(row, others.get(row.pk) or _refusal(row, move)) for row in rows]


def _refusal(submission: Submission, move: Move) -> str:
    """Return the code of what in the submission itself would refuse the move, in the services’ order."""
    if State(submission.state) not in move.sources:
        return MoveNotAllowedError.code
    if move.action in SELECTION_ACTIONS and submission.offer.status == Offer.Status.CANCELLED:
        return OfferCancelledError.code
    if submission.reserve == HumanReview.PENDING:
        return HumanReviewPendingError.code
    if submission.reserve == HumanReview.UPHELD:
        return HumanReviewUpheldError.code
    return ""


def bulk_moves(user: User) -> list[Move]:
    """Return the moves that `user` may make on many candidatures."""
    return [move for move in (TABLE[action] for action in BULK_ACTIONS) if may_run_bulk_move(user, move)]


def may_run_bulk_move(user: User, move: Move) -> bool:
    """Say whether `user` may make this move on many candidatures."""
    return move.action in BULK_ACTIONS and user.has_perm(f"submissions.{move.permission}")
