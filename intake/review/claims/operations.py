"""A file in hand: a lease of one person on one file, so that two never decide on it without knowing it.

Every function takes the submission's own lock first, as whatever changes a file does: of two people at once, the second
waits, then finds the first one's lease.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import NotOnCommitteeError
from intake.review.access.queries import visible_submissions
from intake.review.models import Claim
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.models import Submission

from .errors import FileClaimedError


@transaction.atomic
def claim_file(*, submission: Submission, actor: User, over: int | None = None) -> Claim:
    """Let `actor` have the file in hand for `REVIEW_CLAIM_MINUTES` from now, by the database's clock; return the lease.

    Who has it already goes on having it. `over` is the number of the person whose lease the actor saw, and takes over.

    :raises NotOnCommitteeError: if the actor may not read the submission.
    :raises FileHeldError: if another person than `over` has it in hand.
    """
    _may_read(submission, actor)
    now, claim = _lock_and_read_claim(submission)
    _check_not_claimed(claim, actor, over)
    return _write_claim(submission, claim, actor, now)


@transaction.atomic
def release_claim(*, submission: Submission, actor: User) -> bool:
    """End the lease of `actor` on the file; return whether there was one that ran."""
    _now, claim = _lock_and_read_claim(submission)
    if claim is None or claim.holder_id != actor.pk:
        return False
    claim.delete()
    record(actor=actor, action="FILE_GIVEN_BACK", subject=submission)
    return True


def check_and_renew_claim(
    *, submission: Submission, actor: User, over: int | None = None, takes: bool
) -> None:
    """Refuse an act while another person has the file in hand; renew the lease of the person who has it.

    With `takes`, an act that leaves work to do, a free file comes in the actor's hand; without, it stays free. Part of
    the act: call it in its transaction, before anything else of the file is read. `over` as in `claim_file`.

    :raises FileHeldError: if another person than `over` has it in hand.
    """
    now, claim = _lock_and_read_claim(submission)
    _check_not_claimed(claim, actor, over)
    if takes or claim is not None:
        _write_claim(submission, claim, actor, now)


def drop_claim(*, submission: Submission, holder: User) -> None:
    """End the lease of somebody for whom the file does not exist any more; the caller says why in the journal."""
    Claim.objects.filter(submission=submission, holder=holder).delete()


def _may_read(submission: Submission, actor: User) -> None:
    if not visible_submissions(actor).filter(pk=submission.pk).exists():
        raise NotOnCommitteeError


def _lock_and_read_claim(submission: Submission) -> tuple[datetime, Claim | None]:
    """Lock the submission; return the database's instant and the lease that runs then."""
    now = with_row_locks(Submission.objects.filter(pk=submission.pk)).get().db_now
    claim = Claim.objects.select_related("holder").filter(submission=submission, expires_at__gt=now).first()
    return now, claim


def _check_not_claimed(claim: Claim | None, actor: User, over: int | None) -> None:
    if claim is not None and claim.holder_id not in {actor.pk, over}:
        raise FileClaimedError(claim=claim)


def _write_claim(submission: Submission, claim: Claim | None, actor: User, now: datetime) -> Claim:
    expires_at = now + timedelta(minutes=settings.REVIEW_CLAIM_MINUTES)
    if claim is not None and claim.holder_id == actor.pk:
        claim.expires_at = expires_at
        claim.save(update_fields=["expires_at"])
        return claim
    taken, _created = Claim.objects.update_or_create(
        submission=submission, defaults={"holder": actor, "claimed_at": now, "expires_at": expires_at}
    )
    record(
        actor=actor,
        action="FILE_CLAIMED" if claim is None else "FILE_TAKEN_OVER",
        subject=submission,
        detail=str(claim.holder.public_id) if claim else "",
    )
    return taken
