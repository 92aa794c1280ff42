"""Export orders: a user requests a file, a worker writes and checks it, the user downloads it, a job removes it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID, uuid4, uuid5

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from intake.accounts.models import User
from intake.documents.temp_dirs import temporary_directory
from intake.dossiers.render import RenderError
from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.review.access.errors import ReasonMissingError, ReviewError
from intake.review.delivery_kinds import EXPORT, EXPORT_REMOVAL
from intake.review.models import ExportOrder, Shortlist
from offers.models import Offer

from .errors import ExportNotAllowedError, ExportNotReadyError, ExportTooLateError, PdfNotMadeError
from .file_check import check_file, size_and_digest
from .operations import ListFile, check_export, record_export, write_shortlist
from .queries import RETENTION, rows_on

_STEPS: Final = 100
"""Target number of progress updates of one job."""
_OPEN: Final = ExportOrder.State.OPEN


class _OrderClosedError(Exception):
    """The order is no longer open: it was cancelled or refused, or another worker wrote its file."""


@transaction.atomic
def order_export(
    *,
    key: UUID,
    offer: Offer,
    actor: User,
    file_format: str,
    at: datetime,
    shortlist: Shortlist | None = None,
    language: str = "fr",
    reason: str = "",
) -> ExportOrder:
    """Order a shortlist file from a worker, and return the order. The arguments are those of `export_shortlist`.

    `key` identifies the requesting page. Idempotent per key, for the same file and reason. While an order of the same
    user for the same file with the same reason is open, a request from another page returns that order. The file is due
    at the aware instant `at`, and removed `RETENTION` later.

    :raises ReasonMissingError: if no reason is given.
    :raises ReviewError, PermissionDenied: as `check_export`.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ReasonMissingError
    file = ListFile(offer, file_format, shortlist, language)
    check_export(file=file, actor=actor)
    number = shortlist.number if shortlist is not None else 0
    requested = {
        "actor": actor,
        "offer": offer,
        "shortlist": shortlist,
        "file_format": file_format,
        "language": language,
        "reason": reason,
    }
    own = uuid5(key, f"{offer.pk} {number} {file_format} {language} {reason}")
    order = ExportOrder(**requested, key=own, total=rows_on(offer, shortlist), expires_at=at + RETENTION)
    # Of two concurrent requests, the second waits here, then reads the first one's row below.
    ExportOrder.objects.bulk_create([order], ignore_conflicts=True)
    stored = ExportOrder.objects.filter(actor=actor, key=own).first()
    if stored is None:
        return ExportOrder.objects.filter(**requested).latest("asked_at")
    if stored.public_id == order.public_id:
        record(actor=actor, action="EXPORT_ORDERED", subject=stored, detail=str(file))
        post(kind=EXPORT, key=str(stored.public_id), subject=stored, at=at)
        post(kind=EXPORT_REMOVAL, key=str(stored.public_id), subject=stored, at=stored.expires_at)
    return stored


def write_order(delivery: Delivery, _at: datetime) -> None:
    """Write the file of the delivery's order, check it, and mark the order READY.

    Safe to kill at any line and to run again: the file is written again in full; one export is recorded, and one file
    stays. An order that its user may no longer export is REFUSED with the error's code; a cancelled order is left
    unchanged.

    :raises intake.review.exports.file_check.DamagedExportError: if the stored file differs from what was written.
    """
    order = ExportOrder.objects.select_related("actor", "offer", "shortlist").get(pk=delivery.subject_id)
    if not order.is_open:
        return
    try:
        _write(order)
    except PermissionDenied:
        _mark_refused(order, ExportNotAllowedError.code)
    except ReviewError as refusal:
        _mark_refused(order, refusal.code)
    except RenderError:
        _mark_refused(order, PdfNotMadeError.code)
    except _OrderClosedError:
        pass
    except FileNotFoundError:
        # Another worker wrote the file and deleted the file of this attempt.
        order.refresh_from_db()
        if order.is_open:
            raise
    _remove_other_files(order)


def cancel_order(*, order: ExportOrder, actor: User) -> bool:
    """Cancel an order that is still open, and remove its files. Return whether it was open."""
    with transaction.atomic():
        cancelled = ExportOrder.objects.filter(pk=order.pk, state=_OPEN).update(
            state=ExportOrder.State.CANCELLED, ended_at=TransactionNow()
        )
        if cancelled:
            record(actor=actor, action="EXPORT_CANCELLED", subject=order, detail=str(_file_of(order)))
    order.refresh_from_db()
    _remove_other_files(order)
    return bool(cancelled)


def open_order_file(*, order: ExportOrder, actor: User, at: datetime) -> File[Any]:
    """Return the file of a ready order, open at its start, for the user who ordered it. Journal the download.

    :raises ReviewError: as `check_export`: the conditions of an export also apply to the download.
    :raises PermissionDenied: as `check_export`, or if the order is another user's.
    :raises ExportNotReadyError: if there is no file yet, or no longer at the instant `at`.
    :raises FileNotFoundError: if the storage lost it.
    """
    if order.actor_id != actor.pk:
        raise PermissionDenied
    check_export(file=_file_of(order), actor=actor)
    if order.state != ExportOrder.State.READY or order.expires_at <= at:
        raise ExportNotReadyError
    file = default_storage.open(order.file_name, "rb")
    record(actor=actor, action="EXPORT_TAKEN", subject=order, detail=str(_file_of(order)))
    return file


def remove_order(delivery: Delivery, _at: datetime) -> None:
    """Remove the file of the delivery's order: its retention ended at the instant `at`.

    Safe to kill at any line and to run again. An order that no worker wrote is REFUSED.
    """
    order = ExportOrder.objects.get(pk=delivery.subject_id)
    _expire(order)
    _mark_refused(order, ExportTooLateError.code)
    _remove_other_files(order)


def remove_ready_files(*, offer: int) -> None:
    """Remove the files of the ready orders of `offer` (a key) before their retention ends: a person on them is erased.

    Safe to kill at any line: the job that removes the file of each order stays posted.
    """
    for order in ExportOrder.objects.filter(offer=offer, state=ExportOrder.State.READY):
        _expire(order)
        _remove_other_files(order)


def _expire(order: ExportOrder) -> None:
    ExportOrder.objects.filter(pk=order.pk, state=ExportOrder.State.READY).update(
        state=ExportOrder.State.EXPIRED, file_name=""
    )


def _write(order: ExportOrder) -> None:
    file = _file_of(order)
    check_export(file=file, actor=order.actor)
    with temporary_directory("export") as room, (room / "written").open("w+b") as written:
        rows = write_shortlist(file=file, to=written, tick=_ticker(order))
        # A name of its own for each attempt: an attempt that ends late cannot overwrite another one's file.
        name = default_storage.save(f"{order.folder}/{uuid4()}.{order.file_format}", File(written))
    with default_storage.open(name, "rb") as stored:
        check_file(cast("Any", stored.file), file_format=order.file_format, rows=rows)
        size, digest = size_and_digest(cast("Any", stored.file))
    with transaction.atomic():
        locked = ExportOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
        if not locked.is_open:
            raise _OrderClosedError
        locked.export = record_export(
            file=file, rows=rows, size=size, sha256=digest, actor=order.actor, reason=order.reason
        )
        locked.state = ExportOrder.State.READY
        locked.file_name = name
        locked.done = locked.total = rows
        locked.ended_at = TransactionNow()
        locked.save(update_fields=["export", "state", "file_name", "done", "total", "ended_at"])


def _ticker(order: ExportOrder) -> Callable[[], None]:
    """Return a function that counts the written submissions and stores the count at intervals.

    It raises `_OrderClosedError` once the order is no longer open.
    """
    every = max(1, order.total // _STEPS)
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if done % every == 0 and not ExportOrder.objects.filter(pk=order.pk, state=_OPEN).update(
            done=done, total=Greatest(F("total"), done)
        ):
            raise _OrderClosedError

    return tick


def _mark_refused(order: ExportOrder, code: str) -> None:
    ExportOrder.objects.filter(pk=order.pk, state=_OPEN).update(
        state=ExportOrder.State.REFUSED, refusal=code, ended_at=TransactionNow()
    )


def _remove_other_files(order: ExportOrder) -> None:
    """Remove the files of the order except the ready one, and the folder if no file stays in it."""
    ready = ExportOrder.objects.values_list("file_name", flat=True).get(pk=order.pk)
    with suppress(FileNotFoundError):
        for name in default_storage.listdir(order.folder)[1]:
            if (path := f"{order.folder}/{name}") != ready:
                default_storage.delete(path)
        if not ready:
            default_storage.delete(order.folder)


def _file_of(order: ExportOrder) -> ListFile:
    return ListFile(order.offer, order.file_format, order.shortlist, order.language)
