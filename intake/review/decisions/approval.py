"""Checks of who may decide on an offer and whether a batch may be sent, at preparation, approval and sending."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from intake.accounts.models import User
from intake.review.access.errors import ReviewError
from intake.review.access.impartiality import check_impartial
from intake.review.models import DecisionBatch, DecisionItem
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer

from .errors import BatchClosedError, LettersChangedError, PreparerConflictError
from .letters import differs_from_approved
from .queries import RELEASE, items_of, leads_nowhere


def check_permission(actor: User, permission: str, offer: Offer) -> None:
    """Raise `PermissionDenied`, or as `check_impartial`, unless `actor` may use `permission` on `offer`'s decisions."""
    if not (actor.has_perm(permission) and actor.has_perm("submissions.decide_submission")):
        raise PermissionDenied
    check_impartial(actor=actor, offer=offer)


def approver_of(batch: DecisionBatch) -> User:
    """Return the user who approved a released batch: a constraint requires one."""
    if batch.released_by is None:
        msg = "a released batch says by whom"
        raise ValueError(msg)
    return batch.released_by


def check_approval(batch: DecisionBatch) -> None:
    """Raise if the approver of `batch` could not approve it now, or if it differs from what they approved.

    :raises PermissionDenied, ReviewError, OfferCancelledError: as `check_permission`, `check_preparer`, `check_offer`.
    :raises LettersChangedError: if a message differs from the one that was approved.
    """
    check_permission(approver_of(batch), RELEASE, batch.offer)
    check_preparer(batch)
    items = list(items_of(batch).filter(state=DecisionItem.State.OPEN))
    check_offer(batch.offer, Action(items[0].action))
    if any(differs_from_approved(item) for item in items):
        raise LettersChangedError


def check_offer(offer: Offer, action: Action) -> None:
    """Raise `OfferCancelledError` if `action` leads to a stage and `offer` is cancelled."""
    if leads_nowhere(action, offer):
        raise OfferCancelledError


def check_preparer(batch: DecisionBatch) -> None:
    """Raise `PreparerConflictError` unless the preparer of `batch` is impartial about its offer."""
    try:
        check_impartial(actor=batch.prepared_by, offer=batch.offer)
    except ReviewError as refusal:
        raise PreparerConflictError from refusal


def check_state(batch: DecisionBatch, *wanted: DecisionBatch.State) -> None:
    """Raise `BatchClosedError` unless the state of `batch` is one of `wanted`."""
    state = DecisionBatch.State(batch.state)
    if state not in wanted:
        raise BatchClosedError(state=state)


def lock_batch(number: int) -> DecisionBatch:
    """Return the batch with its row locked: changes, releases, revocations and sending run one at a time."""
    return (
        DecisionBatch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("offer__programme", "prepared_by", "released_by")
        .get(pk=number)
    )


def job_key(batch: DecisionBatch) -> str:
    """Return the key of the job that sends `batch` as approved. Another approval has another key."""
    return f"{batch.pk}.{batch.version}"


def receipt_numbers(rows: Iterable[Submission]) -> tuple[str, ...]:
    """Return the receipt numbers of `rows`, whose receipts were read with them."""
    return tuple(row.standing_filing.receipt.number for row in rows if row.standing_filing)
