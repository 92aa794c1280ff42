"""Claims: a lease of one user on one file, so that two users do not decide on it at once.

Every change except `drop_claim` locks the submission first, like all changes of a file: of two concurrent users, the
second waits, then reads the first one's claim.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import NotOnCommitteeError, ReviewError
from intake.review.access.visibility import visible_submissions
from intake.review.models import Claim
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.models import Submission
from intake.web import formats


class FileClaimedError(ReviewError):
    """Another user has claimed the file. `claim` has the user, the start and the expiry."""

    code = "FILE_HELD"
    message = _("Ce dossier est pris en charge par %(person)s, de %(since)s à %(until)s. Rien n’a changé.")
    bulk_message = _("Ce dossier est pris en charge par une autre personne.")

    def __init__(self, *, claim: Claim) -> None:
        self.claim = claim

    def values(self) -> dict[str, Any]:
        """Return the holder, and the hours from when and until when."""
        return {
            "person": self.claim.holder,
            "since": formats.hour(self.claim.claimed_at),
            "until": formats.hour(self.claim.expires_at),
        }


@transaction.atomic
def claim_file(*, submission: Submission, actor: User, over: int | None = None) -> Claim:
    """Claim the file for `actor` for `REVIEW_CLAIM_MINUTES` from the database's instant; return the claim.

    Renews a claim that `actor` already has. `over` is the number of the user whose claim the actor saw and takes over.

    :raises NotOnCommitteeError: if the actor may not read the submission.
    :raises FileClaimedError: if a user other than `over` has claimed it.
    """
    if not visible_submissions(actor).filter(pk=submission.pk).exists():
        raise NotOnCommitteeError
    now, claim = _lock_and_read_claim(submission)
    _check_not_claimed(claim, actor, over)
    return _write_claim(submission, claim, actor, now)


@transaction.atomic
def release_claim(*, submission: Submission, actor: User) -> bool:
    """End the claim of `actor` on the file; return whether there was a current one."""
    _now, claim = _lock_and_read_claim(submission)
    if claim is None or claim.holder_id != actor.pk:
        return False
    claim.delete()
    record(actor=actor, action="FILE_GIVEN_BACK", subject=submission)
    return True


def check_and_renew_claim(
    *, submission: Submission, actor: User, over: int | None = None, takes: bool
) -> None:
    """Raise if another user has claimed the file; otherwise renew the actor's claim.

    With `takes`, for an operation that leaves work to do, a free file is claimed for the actor; without, it stays free.
    Call it in the operation's transaction, before any other read of the file. `over` as in `claim_file`.

    :raises FileClaimedError: if a user other than `over` has claimed it.
    """
    now, claim = _lock_and_read_claim(submission)
    _check_not_claimed(claim, actor, over)
    if takes or claim is not None:
        _write_claim(submission, claim, actor, now)


def drop_claim(*, submission: Submission, holder: User) -> None:
    """Delete the claim of a user who may no longer read the file. The caller records the reason in the journal."""
    Claim.objects.filter(submission=submission, holder=holder).delete()


def current_claim(submission: Submission) -> Claim | None:
    """Return the current claim of the file by the database's clock, with its holder. None if the file is free."""
    return _claim_after(submission, TransactionNow())


def _claim_after(submission: Submission, at: datetime | TransactionNow) -> Claim | None:
    return Claim.objects.select_related("holder").filter(submission=submission, expires_at__gt=at).first()


def _lock_and_read_claim(submission: Submission) -> tuple[datetime, Claim | None]:
    now = with_row_locks(Submission.objects.filter(pk=submission.pk)).get().db_now
    return now, _claim_after(submission, now)


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
