"""Erase what is due: each file and each account in a transaction of its own, its stored files after the commit.

The database's functions erase (`sql/erase_submission.sql`, `sql/erase_account.sql`) and refuse what is not due or is
held. A run that is killed leaves nothing half erased: the next one erases the rest, and deletes the files that an
erasure still names.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from django.contrib.admin.models import LogEntry
from django.contrib.postgres.functions import TransactionNow
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from intake.accounts.changes import ADDRESS_KINDS
from intake.accounts.models import AccountChange, User
from intake.base.database_errors import broken_constraint
from intake.base.folding import fold
from intake.dossiers.services import AnonymisedError, read_seal
from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.privacy.models import Erasure
from intake.profiles.models import Profile
from intake.review.exports.orders import remove_ready_files
from intake.review.models import SavedView
from intake.submissions.models import Submission
from intake.web.batches import read_in_batches
from intake.web.sessions import SessionStore
from intake.web.storage import StorageUnavailableError

from .notices import post_notices
from .queries import due_accounts, due_submissions

logger = logging.getLogger(__name__)

_HELD: Final = "a_held_file_is_never_erased"
_BATCH_SIZE: Final = 500
_SHORT: Final = 3
_WORDS: Final = re.compile(r"\w+")
_REFUSALS: Final = (_HELD, "a_file_is_erased_once_it_is_due", "an_account_outlives_its_files")


class ErasureFailedError(Exception):
    """A run could not erase all that was due; what failed is still due, and the rest is done."""


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
    failed: int = 0
    """Submissions, accounts, and erasures' files that could not be erased; the next run tries them again."""


def preview_due() -> ErasureReport:
    """Return what `erase_due` would find now. Nothing is changed."""
    due = due_submissions()
    held = sum(is_held for _key, is_held in due)
    return ErasureReport(due=len(due), held=held, accounts=len(due_accounts()))


def erase_due() -> ErasureReport:
    """Erase every submission that is due and not held, every account that is due, then the files of all erasures.

    What fails is logged, counted as `failed` and left to the next run: it stops none of the others. Safe to kill and to
    run again.
    """
    report = ErasureReport()
    due = due_submissions()
    report.due = len(due)
    for key, is_held in due:
        if is_held:
            report.held += 1
            continue
        with _failure_counted(report, "submission"):
            try:
                report.anonymised += erase_submission(submission=Submission.objects.get(pk=key))
            except Submission.DoesNotExist:  # its candidate discarded the draft meanwhile
                continue
            except IntegrityError as refusal:
                if broken_constraint(refusal) not in _REFUSALS:
                    raise
                report.held += broken_constraint(refusal) == _HELD
    for key in due_accounts():
        with _failure_counted(report, "account"):
            report.accounts += erase_account(user=User.objects.get(pk=key))
    _remove_files(report)
    return report


@contextmanager
def _failure_counted(report: ErasureReport, what: str) -> Iterator[None]:
    """Count and log a failure of the block, of the database or of the storage, without the values of its rows."""
    try:
        yield
    except (DatabaseError, OSError) as failure:
        report.failed += 1
        reason = broken_constraint(failure) if isinstance(failure, IntegrityError) else None
        logger.error("erasure failed what=%s reason=%s", what, reason or type(failure).__name__)  # noqa: TRY400 -- the trace has the row's values


def run_anonymise(_delivery: Delivery, at: datetime) -> None:
    """Erase what is due today, and post the notices of what will be.

    :raises ErasureFailedError: once all is done, if something could not be erased: the delivery is tried again.
    """
    report = erase_due()
    post_notices(at=at)
    logger.info("anonymised %s", " ".join(f"{name}={number}" for name, number in asdict(report).items()))
    if report.failed:
        raise ErasureFailedError(report.failed)


def erase_submission(*, submission: Submission) -> bool:
    """Erase `submission`, a draft or a filed file that is due; return False if it is erased already.

    :raises django.db.IntegrityError: if the database refuses: not due, or held.
    """
    remove_ready_files(offer=submission.offer_id)
    with transaction.atomic():
        person = _filed_names(submission)
        _delete_saved_views(person)
        reason = _call("erase_submission", submission.pk)
        if reason is None:
            return False
        record(actor=None, action="SUBMISSION_ANONYMISED", subject=submission, detail=reason)
        transaction.on_commit(lambda: _forget_in_sessions(person))
    return True


def erase_account(*, user: User) -> bool:
    """Erase the account of a candidate who has no file left; return False if it is erased already.

    Rows that Django deletes with an account are deleted; the account's own row stays, without address or name.

    :raises django.db.IntegrityError: if the database refuses: a file is left, or the account is of staff.
    """
    with transaction.atomic():
        person = _account_names(user)
        _delete_saved_views(person)
        if _call("erase_account", user.pk) is None:
            return False
        record(actor=None, action="ACCOUNT_ANONYMISED", subject=user)
        delete_rows_of(user)
        transaction.on_commit(lambda: end_sessions(user=user))
        transaction.on_commit(lambda: _forget_in_sessions(person))
    return True


def delete_rows_of(user: User) -> None:
    """Delete the rows that Django would delete with the account: profile, verified addresses, saved views, devices.

    The log of the administration is append-only: the database's functions empty what in it names the person.
    """
    for relation in User._meta.related_objects:
        if getattr(relation, "on_delete", None) is models.CASCADE and relation.related_model is not LogEntry:
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


def remove_left_files() -> ErasureReport:
    """Delete the stored files that erasures still name; return how many, and how many erasures keep theirs.

    A file that is gone already is no error. An erasure keeps the names of its files until all of them are deleted; once
    the storage does not answer, the others wait for the next run too.
    """
    report = ErasureReport()
    _remove_files(report)
    return report


def _remove_files(report: ErasureReport) -> None:
    rows = Erasure.objects.filter(files_removed_at=None).order_by("pk")
    for erasure in read_in_batches(rows, size=_BATCH_SIZE):
        try:
            for name in erasure.files:
                with suppress(FileNotFoundError):
                    default_storage.delete(name)
        except OSError as failure:
            report.failed += 1
            logger.error("files of an erasure are left reason=%s", type(failure).__name__)  # noqa: TRY400 -- the trace names the file
            if isinstance(failure, StorageUnavailableError):
                return
            continue
        report.files += len(erasure.files)
        Erasure.objects.filter(pk=erasure.pk).update(files=[], files_removed_at=TransactionNow())


def _call(function: str, key: int) -> str | None:
    """Call an erasing function of the database. Return the outcome that made the row due; None if it is erased."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [key])
        outcome: str | None = cursor.fetchone()[0]
    return outcome


@dataclass(frozen=True, slots=True)
class _Person:
    """Words that tell who a person is, folded."""

    addresses: frozenset[str]
    names: frozenset[str]
    """Each of at least three letters: a shorter one is part of many words."""

    def is_named_in(self, text: str) -> bool:
        """True if `text` has an address of the person, or one of their names as whole words."""
        folded = fold(text)
        words = f" {' '.join(_WORDS.findall(folded))} "
        return any(each in folded for each in self.addresses) or any(
            f" {name} " in words for name in self.names
        )

    def is_searched_by(self, text: str) -> bool:
        """True if `text` names the person, or a word of it is one of their names or begins one by four letters."""
        known = {word for name in self.names for word in name.split()}
        return self.is_named_in(text) or any(
            word in known or (len(word) > _SHORT and any(name.startswith(word) for name in known))
            for word in _WORDS.findall(fold(text))
            if len(word) >= _SHORT
        )


def _account_names(user: User) -> _Person:
    """Return the words that tell who `user` is: present and former addresses, and the names of their profile."""
    profile = Profile.objects.filter(user=user).first()
    return _person(user, [profile.last_name, f"{profile.first_name} {profile.last_name}"] if profile else [])


def _filed_names(submission: Submission) -> _Person:
    """Return the words that tell who filed `submission`: addresses, and names as filed."""
    names: list[str] = []
    if submission.standing_filing is not None:
        with suppress(AnonymisedError):
            filed = read_seal(submission.standing_filing.seal).person
            names = [filed.last_name, filed.full_name]
    return _person(submission.candidate, names)


def _person(user: User, names: Iterable[str]) -> _Person:
    moved = user.changes.filter(kind__in=ADDRESS_KINDS, state=AccountChange.State.APPLIED)
    addresses = {user.email, *moved.values_list("before", flat=True)} - {""}
    folded = {" ".join(_WORDS.findall(fold(name))) for name in names}
    return _Person(frozenset(map(fold, addresses)), frozenset(name for name in folded if len(name) >= _SHORT))


def _delete_saved_views(person: _Person) -> None:
    """Delete the saved views of the queue that search for the person, by all or part of a name, or are named so."""
    views = SavedView.objects.values_list("pk", "name", "query")
    named = [
        key
        for key, name, query in views
        if person.is_searched_by(" ".join([name, *(value for _key, value in parse_qsl(query))]))
    ]
    SavedView.objects.filter(pk__in=named).delete()


def _forget_in_sessions(person: _Person) -> None:
    """Delete from all sessions each value that names the person: a form kept during a second step, a message."""
    for row in read_in_batches(Session.objects.order_by("pk"), size=_BATCH_SIZE):
        named = [key for key, value in row.get_decoded().items() if person.is_named_in(str(value))]
        if named:
            store = SessionStore(row.session_key)
            for key in named:
                store.pop(key, None)
            if store.session_key is None:  # beyond one of its limits
                SessionStore(row.session_key).delete()
            else:
                store.save()
