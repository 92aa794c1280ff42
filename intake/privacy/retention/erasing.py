"""Erase what is due: each file and each account in a transaction of its own, its stored files after the commit.

The database's functions erase (`sql/erase_submission.sql`, `sql/erase_account.sql`) and refuse what is not due or is
held. A run that is killed leaves nothing half erased: the next one erases the rest, and deletes the files that an
erasure still names.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote_plus

from django.contrib.postgres.functions import TransactionNow
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, models, transaction

from intake.accounts.changes import ADDRESS_KINDS
from intake.accounts.models import AccountChange, User
from intake.dossiers.services import AnonymisedError, read_seal
from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.privacy.models import Erasure
from intake.review.exports.orders import remove_ready_files
from intake.review.models import SavedView
from intake.submissions.models import Submission
from intake.web.batches import read_in_batches
from intake.web.database_errors import broken_constraint
from intake.web.sessions import SessionStore
from offers.folding import fold

from .notices import post_notices
from .queries import due_accounts, due_submissions

logger = logging.getLogger(__name__)

_HELD: Final = "a_held_file_is_never_erased"
_WORD: Final = 3
_BATCH_SIZE: Final = 500
"""Letters of the shortest name that a query is searched for: a shorter one is part of many words."""
_REFUSALS: Final = (_HELD, "a_file_is_erased_once_it_is_due", "an_account_outlives_its_files")


@dataclass(slots=True)
class ErasureReport:
    """Numbers of one run. `due` counts filed submissions and drafts, `held` those of them that a hold keeps."""

    due: int = 0
    held: int = 0
    anonymised: int = 0
    accounts: int = 0
    """Accounts due; in a dry run, without those whose last file the run would erase."""
    files: int = 0
    """Stored files deleted."""


def preview_due() -> ErasureReport:
    """Return what `erase_due` would find now. Nothing is changed."""
    due = due_submissions()
    held = sum(is_held for _key, is_held in due)
    return ErasureReport(due=len(due), held=held, accounts=len(due_accounts()))


def erase_due() -> ErasureReport:
    """Erase every submission that is due and not held, then every account that is due. Safe to kill and to run again.

    :raises OSError: if the storage does not respond; the next run deletes the files that are left.
    """
    report = ErasureReport(files=remove_left_files())
    due = due_submissions()
    report.due = len(due)
    for key, is_held in due:
        if is_held:
            report.held += 1
            continue
        try:
            report.anonymised += erase_submission(submission=Submission.objects.get(pk=key))
        except Submission.DoesNotExist:  # its candidate discarded the draft meanwhile
            continue
        except IntegrityError as refusal:
            if broken_constraint(refusal) not in _REFUSALS:
                raise
            report.held += broken_constraint(refusal) == _HELD
    for key in due_accounts():
        report.accounts += erase_account(user=User.objects.get(pk=key))
    report.files += remove_left_files()
    return report


def run_anonymise(_delivery: Delivery, at: datetime) -> None:
    """Erase what is due today, and post the notices of what will be."""
    report = erase_due()
    post_notices(at=at)
    logger.info(
        "anonymised due=%d anonymised=%d held=%d accounts=%d files=%d",
        *(report.due, report.anonymised, report.held, report.accounts, report.files),
    )


def erase_submission(*, submission: Submission) -> bool:
    """Erase `submission`, a draft or a filed file that is due; return False if it is erased already.

    :raises django.db.IntegrityError: if the database refuses: not due, or held.
    """
    remove_ready_files(offer=submission.offer_id)
    with transaction.atomic():
        _delete_saved_views(_names_of(submission))
        reason = _call("erase_submission", submission.pk)
        if reason is None:
            return False
        record(actor=None, action="SUBMISSION_ANONYMISED", subject=submission, detail=reason)
    return True


def erase_account(*, user: User) -> bool:
    """Erase the account of a candidate who has no file left; return False if it is erased already.

    Rows that Django deletes with an account are deleted; the account's own row stays, without address or name.

    :raises django.db.IntegrityError: if the database refuses: a file is left, or the account is of staff.
    """
    with transaction.atomic():
        if _call("erase_account", user.pk) is None:
            return False
        record(actor=None, action="ACCOUNT_ANONYMISED", subject=user)
        delete_rows_of(user)
        transaction.on_commit(lambda: end_sessions(user=user))
    return True


def delete_rows_of(user: User) -> None:
    """Delete the rows that Django would delete with the account: profile, verified addresses, saved views, devices."""
    for relation in User._meta.related_objects:
        if getattr(relation, "on_delete", None) is models.CASCADE:
            rows: Any = relation.related_model._base_manager  # noqa: SLF001 -- Django's own deletion uses it
            rows.filter(**{relation.field.name: user.pk}).delete()


def end_sessions(*, user: User) -> None:
    """Delete the sessions of `user`, in the database and in the cache."""
    for row in read_in_batches(Session.objects.order_by("pk"), size=_BATCH_SIZE):
        if row.get_decoded().get("_auth_user_id") == str(user.pk):
            SessionStore(row.session_key).delete()


def purge_sessions(_delivery: Delivery, _at: datetime) -> None:
    """Delete the sessions that expired. The cache forgets its copies by itself."""
    SessionStore.clear_expired()


def remove_left_files() -> int:
    """Delete the stored files that erasures still name; return how many. A file that is gone already is no error."""
    removed = 0
    for erasure in read_in_batches(
        Erasure.objects.filter(files_removed_at=None).order_by("pk"), size=_BATCH_SIZE
    ):
        for name in erasure.files:
            with suppress(FileNotFoundError):
                default_storage.delete(name)
            removed += 1
        Erasure.objects.filter(pk=erasure.pk).update(files=[], files_removed_at=TransactionNow())
    return removed


def _call(function: str, key: int) -> str | None:
    """Call an erasing function of the database. Return the outcome that made the row due; None if it is erased."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [key])
        outcome: str | None = cursor.fetchone()[0]
    return outcome


def _names_of(submission: Submission) -> list[str]:
    """Return the words that tell who filed `submission`, folded: addresses, and name as filed."""
    person = submission.candidate
    moved = person.changes.filter(kind__in=ADDRESS_KINDS, state=AccountChange.State.APPLIED)
    names = [person.email, *moved.order_by("pk").values_list("before", flat=True)]
    if submission.standing_filing is not None:
        with suppress(AnonymisedError):
            filed = read_seal(submission.standing_filing.seal).person
            names += [filed.last_name, filed.full_name]
    return [fold(name) for name in names if len(name) >= _WORD]


def _delete_saved_views(names: Iterable[str]) -> None:
    """Delete the saved views of the queue whose query names the person."""
    views = SavedView.objects.values_list("pk", "query")
    named = [key for key, query in views if any(name in fold(unquote_plus(query)) for name in names)]
    SavedView.objects.filter(pk__in=named).delete()
