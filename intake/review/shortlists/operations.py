"""Freezing a shortlist: from then on nothing changes which candidatures it names, in which order and with what mean."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import ReasonMissingError
from intake.review.access.impartiality import check_impartial
from intake.review.models import Shortlist, ShortlistRow
from offers.models import Offer

from .errors import EmptyShortlistError, StaleShortlistError
from .fingerprint import fingerprint_of_frozen
from .lines import digest_of, entries_of, is_same_list


@transaction.atomic
def freeze_shortlist(
    *, offer: Offer, actor: User, reason: str, at: datetime, seen: str | None = None
) -> Shortlist:
    """Freeze the shortlist of `offer` as it stands, at the aware instant `at`, and return it.

    `reason` is at most 250 characters. `seen` is the `fingerprint_of` the list that was read, as a string; `None`
    freezes any. What says the same as the last frozen list is not frozen again: that list is returned, with its own
    reason.

    :raises PermissionDenied: if `actor` may not freeze shortlists.
    :raises ReasonMissingError: if `reason` is blank.
    :raises OwnSubmissionError: if `actor` applied to the offer: another person freezes it.
    :raises InConflictError: if `actor` has a conflict of interest on a candidature to the offer.
    :raises EmptyShortlistError: if nobody is shortlisted.
    :raises StaleShortlistError: if the list is no longer the one that was read.
    """
    if not actor.has_perm("review.freeze_shortlist"):
        raise PermissionDenied
    reason = " ".join(reason.split())
    if not reason:
        raise ReasonMissingError
    # Before anything is read: whether they are on the list, or whether anybody is, is not theirs to know.
    check_impartial(actor=actor, offer=offer)
    # Two people who freeze at once take turns: the second finds the list of the first. An application may be filed
    # meanwhile, whose row points to the offer's.
    current = Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.pk)
    entries = entries_of(current, None)
    if not entries:
        raise EmptyShortlistError
    last = current.shortlists.order_by("-number").first()
    if last is not None and is_same_list(entries_of(current, last), entries):
        _check_same_list(last, seen)
        return last
    number = last.number + 1 if last is not None else 1
    frozen = Shortlist.objects.create(
        offer=current,
        number=number,
        reason=reason,
        frozen_by=actor,
        frozen_at=at,
        rows_count=len(entries),
        digest=digest_of(offer=current.number or "", number=number, entries=entries),
    )
    rows = [
        ShortlistRow(
            shortlist=frozen,
            rank=entry.place,
            filing_id=entry.filing,
            score=entry.score,
            marks=entry.marks,
            reserve=entry.reserve,
        )
        for entry in entries
    ]
    ShortlistRow.objects.bulk_create(rows, batch_size=1000)
    _check_same_list(frozen, seen)
    record(
        actor=actor,
        action="SHORTLIST_FROZEN",
        subject=current,
        detail=f"list {number}, rows={len(rows)}, {frozen.digest}",
    )
    return frozen


def _check_same_list(frozen: Shortlist, seen: str | None) -> None:
    """Compare what is frozen itself, whatever was marked or decided since the list was read here.

    :raises StaleShortlistError: if it is not the list that was `seen`; the caller's transaction undoes it.
    """
    if seen is not None and seen != str(fingerprint_of_frozen(frozen)):
        raise StaleShortlistError
