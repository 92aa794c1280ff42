"""Freeze a shortlist: its submissions, their order and their means never change afterwards."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import ReasonMissingError, ReviewError
from intake.review.access.impartiality import check_impartial
from intake.review.models import Shortlist, ShortlistRow
from offers.models import Offer

from .lines import digest_of, entries_of, fingerprint_of_frozen

_STALE = _("La liste a changé pendant votre lecture. Voici sa version actuelle ; rien n’est figé.")


class EmptyShortlistError(ReviewError):
    """The shortlist is empty: there is nothing to freeze."""

    code = "EMPTY_SHORTLIST"
    message = _STALE


class StaleShortlistError(ReviewError):
    """The shortlist changed after the page was displayed: the frozen list would not be the list that was read."""

    code = "STALE_SHORTLIST"
    message = _STALE


@transaction.atomic
def freeze_shortlist(
    *, offer: Offer, actor: User, reason: str, at: datetime, seen: str | None = None
) -> Shortlist:
    """Freeze the current shortlist of `offer` at the aware instant `at`, and return it.

    `reason` has at most 250 characters. `seen` is the string of `fingerprint_of` for the list that was read; `None`
    skips this check. If the last frozen list is the same, it is returned with its own reason.

    :raises PermissionDenied: if `actor` may not freeze shortlists.
    :raises ReasonMissingError: if `reason` is blank.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises EmptyShortlistError: if the shortlist is empty.
    :raises StaleShortlistError: if the list is no longer the list that was read.
    """
    if not actor.has_perm("review.freeze_shortlist"):
        raise PermissionDenied
    reason = " ".join(reason.split())
    if not reason:
        raise ReasonMissingError
    # Before any read: a later error would reveal whether the actor is on the list, or whether it is empty.
    check_impartial(actor=actor, offer=offer)
    # Serialises concurrent freezes: the second reads the list of the first. NO KEY: a filing, whose row references
    # the offer, does not wait.
    current = Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.pk)
    entries = list(entries_of(current, None))
    if not entries:
        raise EmptyShortlistError
    last = current.shortlists.order_by("-number").first()
    if last is not None and list(entries_of(current, last)) == entries:
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
    """Compare the frozen list itself, which includes marks and decisions made after the page was read."""
    if seen is not None and seen != str(fingerprint_of_frozen(frozen)):
        raise StaleShortlistError
