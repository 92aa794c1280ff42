"""Who may decide on an offer, and whether a batch may leave: asked when it is prepared, approved, and to leave."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from intake.accounts.models import User
from intake.review.access.errors import ReviewError
from intake.review.access.impartiality import check_impartial
from intake.review.models import DecisionBatch, DecisionItem
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import Submission
from intake.submissions.states import SELECTION_ACTIONS, Action
from offers.models import Offer

from .errors import BatchClosedError, LettersChangedError, PreparerConflictError
from .letters import differs_from_approved
from .queries import RELEASE, items_of


def check_permission(actor: User, permission: str, offer: Offer) -> None:
    """Refuse that `actor` does what `permission` allows on the decisions of `offer`.

    :raises PermissionDenied: if they may not decide, or have not that permission.
    :raises ReviewError: as `check_impartial` does.
    """
    if not (actor.has_perm(permission) and actor.has_perm("submissions.decide_submission")):
        raise PermissionDenied
    check_impartial(actor=actor, offer=offer)


def approver_of(batch: DecisionBatch) -> User:
    """Return who approved a released batch.

    :raises ValueError: if it has no approver, which the database refuses to keep.
    """
    if batch.released_by is None:
        msg = "a released batch says by whom"
        raise ValueError(msg)
    return batch.released_by


def check_approval(batch: DecisionBatch) -> None:
    """Refuse that `batch` leaves, if whoever approved it might not approve it now, or it is not what they approved.

    :raises PermissionDenied: if they may not release decisions any more.
    :raises OwnSubmissionError: if they applied to the offer, :raises InConflictError: if they are in conflict on it.
    :raises BoundPreparerError: if whoever prepared it has a stake in the offer by now.
    :raises OfferCancelledError: if it leads to a stage, and the offer is cancelled.
    :raises LettersChangedError: if a message would say something else than the one that was approved.
    """
    check_permission(approver_of(batch), RELEASE, batch.offer)
    check_preparer(batch)
    items = list(items_of(batch).filter(state=DecisionItem.State.OPEN))
    check_offer(batch.offer, Action(items[0].action))
    if any(differs_from_approved(item) for item in items):
        raise LettersChangedError


def check_offer(offer: Offer, action: Action) -> None:
    """Refuse what leads to a stage of a cancelled offer.

    :raises OfferCancelledError: if it does.
    """
    if action in SELECTION_ACTIONS and offer.status == Offer.Status.CANCELLED:
        raise OfferCancelledError


def check_preparer(batch: DecisionBatch) -> None:
    """Refuse that a batch leaves which was prepared by somebody with a stake in its offer.

    :raises BoundPreparerError: if they have one by now.
    """
    try:
        check_impartial(actor=batch.prepared_by, offer=batch.offer)
    except ReviewError as refusal:
        raise PreparerConflictError from refusal


def check_state(batch: DecisionBatch, *wanted: DecisionBatch.State) -> None:
    """Refuse a batch that stands elsewhere than in one of `wanted`.

    :raises BatchClosedError: if it does.
    """
    state = DecisionBatch.State(batch.state)
    if state not in wanted:
        raise BatchClosedError(state=state)


def lock_batch(number: int) -> DecisionBatch:
    """Return the batch with its row locked: who changes, releases, calls off or sends it takes turns."""
    return (
        DecisionBatch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("offer__programme", "prepared_by", "released_by")
        .get(pk=number)
    )


def job_key(batch: DecisionBatch) -> str:
    """Return the key of the job that sends `batch` as it was approved: another approval is another job's."""
    return f"{batch.pk}.{batch.version}"


def receipt_numbers(rows: Iterable[Submission]) -> tuple[str, ...]:
    """Return the receipts' numbers of candidatures, read with them."""
    return tuple(row.standing_filing.receipt.number for row in rows if row.standing_filing)
