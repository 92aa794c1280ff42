"""Deletion of an account, asked by its owner: what is erased now, what is kept until when, and what prevents it."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.journal.services import record
from intake.privacy.errors import PrivacyError
from intake.submissions.models import Submission
from intake.submissions.states import DECIDED

from .deletion_mail import send_deletion_mail
from .erasing import delete_rows_of, end_sessions, erase_account, erase_submission
from .queries import Retention, kept_files


class StillStudiedError(PrivacyError):
    """An application is not decided: its candidate withdraws it first."""

    code = "STILL_STUDIED"
    message = _("Une de vos candidatures est encore à l’étude. Désistez-vous d’abord.")


class StaffAccountError(PrivacyError):
    """The account is of staff: an administrator closes it."""

    code = "STAFF_ACCOUNT"
    message = _(
        "Ce compte sert au travail du programme. Une personne à l’administration du portail peut le fermer."
    )


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """What the deletion of an account would do."""

    drafts: list[Submission]
    """Never filed: erased at once."""
    kept: list[tuple[Submission, Retention]]
    """Filed and decided: kept until their day."""
    studied: list[Submission]
    """Filed and not decided: they prevent the deletion."""
    held: bool
    """True if a legal hold keeps a draft: all of them stay then."""


def plan_deletion(user: User) -> DeletionPlan:
    """Return what the deletion of the account of `user` would do now."""
    mine = Submission.objects.filter(candidate=user)
    drafts = mine.filter(standing_filing=None).select_related("offer").order_by("pk")
    filed = kept_files(user)
    return DeletionPlan(
        drafts=list(drafts),
        kept=[(row, kept) for row, kept in filed if row.state in DECIDED],
        studied=[row for row, _kept in filed if row.state not in DECIDED],
        held=drafts.filter(legal_holds__lifted_at=None, legal_holds__isnull=False).exists(),
    )


def delete_own_account(*, user: User) -> DeletionPlan:
    """Delete the account of `user` as they asked, and return what was done. A mail says it.

    Drafts, profile and sessions are erased at once. With a file that is kept, the account is closed, and erased with
    the last of them.

    :raises StillStudiedError: if an application is not decided.
    :raises StaffAccountError: if the account has access to the administration.
    """
    address = user.email
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.is_staff or locked.is_superuser:
            raise StaffAccountError
        plan = plan_deletion(locked)
        if plan.studied:
            raise StillStudiedError
        record(actor=locked, action="ACCOUNT_DELETION_ASKED", subject=locked)
        for draft in plan.drafts if not plan.held else []:
            erase_submission(submission=draft)
        if plan.kept or plan.held:
            delete_rows_of(locked)
            locked.is_active = False
            locked.save(update_fields=["is_active"])
            transaction.on_commit(lambda: end_sessions(user=locked))
        else:
            erase_account(user=locked)
        numbers: list[Any] = [(row.standing_filing, kept.erased_on) for row, kept in plan.kept]
        told = [(filing.receipt.number, day) for filing, day in numbers if filing is not None]
        transaction.on_commit(
            lambda: send_deletion_mail(address=address, kept=told, drafts_erased=not plan.held)
        )
    return plan
