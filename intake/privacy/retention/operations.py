"""Set a retention rule; put and lift a legal hold. Administrators only, with a reason, in the journal."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.journal.services import record
from intake.privacy.errors import PrivacyError
from intake.privacy.models import LegalHold, Outcome, RetentionRule
from intake.submissions.models import Submission


class AlreadyHeldError(PrivacyError):
    """The file is held already."""

    code = "ALREADY_HELD"
    message = _("L’effacement de cette candidature est déjà suspendu.")


class AlreadyErasedError(PrivacyError):
    """The file is erased: nothing is left to hold."""

    code = "ALREADY_ERASED"
    message = _("Cette candidature est déjà effacée.")


class NotHeldError(PrivacyError):
    """The hold was lifted already."""

    code = "NOT_HELD"
    message = _("Cette suspension est déjà levée.")


def check_administrator(user: object) -> User:
    """Return `user`.

    :raises PermissionDenied: unless they are an administrator.
    """
    if not isinstance(user, User) or not (user.is_active and user.is_superuser):
        raise PermissionDenied
    return user


@transaction.atomic
def set_retention_rule(*, outcome: Outcome, months: int, reason: str, actor: User) -> RetentionRule:
    """Set how many months files of `outcome` are kept; a shorter period applies 30 days later.

    :raises PermissionDenied: unless `actor` is an administrator.
    :raises django.db.IntegrityError: if `months` is out of the bounds of the outcome, or the reason is empty.
    """
    rule = RetentionRule.objects.create(
        outcome=outcome, months=months, reason=reason, author=check_administrator(actor)
    )
    record(actor=actor, action="RETENTION_RULE_SET", subject=rule, detail=f"{outcome.value} {months}")
    rule.refresh_from_db()
    return rule


@transaction.atomic
def put_legal_hold(*, submission: Submission, reason: str, actor: User) -> LegalHold:
    """Keep `submission` from being erased until the hold is lifted.

    :raises PermissionDenied: unless `actor` is an administrator.
    :raises AlreadyErasedError: if it is erased.
    :raises AlreadyHeldError: if it is held.
    """
    check_administrator(actor)
    locked = Submission.objects.select_for_update(of=("self",)).get(pk=submission.pk)
    if hasattr(locked, "erasure"):
        raise AlreadyErasedError
    if locked.legal_holds.filter(lifted_at=None).exists():
        raise AlreadyHeldError
    hold = LegalHold.objects.create(submission=locked, reason=reason, put_by=actor)
    record(actor=actor, action="LEGAL_HOLD_PUT", subject=locked)
    return hold


@transaction.atomic
def lift_legal_hold(*, hold: LegalHold, reason: str, actor: User) -> None:
    """Lift `hold`: the schedule applies again, at once if the day has passed.

    :raises PermissionDenied: unless `actor` is an administrator.
    :raises NotHeldError: if it was lifted already.
    """
    check_administrator(actor)
    locked = LegalHold.objects.select_for_update(of=("self",)).select_related("submission").get(pk=hold.pk)
    if locked.lifted_at is not None:
        raise NotHeldError
    locked.lifted_by, locked.lift_reason = actor, reason
    locked.save(update_fields=["lifted_by", "lift_reason"])
    record(actor=actor, action="LEGAL_HOLD_LIFTED", subject=locked.submission)
