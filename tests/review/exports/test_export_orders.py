"""An export order: one order, one row of the export history, the same bytes, and deletion after expiry."""

import hashlib
import io
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.utils import timezone

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.access.errors import InConflictError
from intake.review.delivery_kinds import EXPORT, EXPORT_REMOVAL
from intake.review.exports import archive
from intake.review.exports import orders as exports_orders
from intake.review.exports.errors import ExportNotReadyError
from intake.review.exports.file_check import DamagedExportError, check_file
from intake.review.exports.operations import export_shortlist, write_shortlist
from intake.review.exports.orders import cancel_order, open_order_file
from intake.review.exports.queries import RETENTION, expected_bytes
from intake.review.models import ExportOrder, Shortlist, ShortlistExport
from tests.database_roles import as_owner
from tests.factories.exports import job_of, make_frozen, make_order, write_all
from tests.factories.people import make_staff
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_dossier,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(module_db: None) -> Shortlist:
    offer = make_open_offer()
    for last_name in ("Première", "Seconde"):
        make_dossier(make_shortlisted(offer, last_name=last_name))
    return make_frozen(offer)


@pytest.fixture
def frozen(made: Shortlist) -> Shortlist:
    """A frozen list of two, with their dossiers."""
    return deepcopy(made)


@pytest.fixture
def staff() -> User:
    return make_staff()


def test_the_size_of_a_frozen_list_counts_no_file_that_was_shortlisted_later(frozen: Shortlist) -> None:
    sizes = [row.filing.seal.dossier.size for row in frozen.rows.select_related("filing__seal__dossier")]
    later = make_dossier(make_shortlisted(frozen.offer)).size
    assert expected_bytes(frozen.offer, frozen) == sum(sizes)
    assert expected_bytes(frozen.offer, None) == sum(sizes) + later


def files_of(order: ExportOrder) -> list[str]:
    try:
        return default_storage.listdir(order.folder)[1]
    except FileNotFoundError:
        return []


def downloaded(order: ExportOrder, actor: User) -> bytes:
    order.refresh_from_db()
    with open_order_file(order=order, actor=actor, at=timezone.now()) as file:
        return bytes(file.read())


def export_directly(frozen: Shortlist, file_format: str) -> bytes:
    to = io.BytesIO()
    export_shortlist(offer=frozen.offer, shortlist=frozen, file_format=file_format, to=to, actor=None)
    return to.getvalue()


# -- Ordering --------------------------------------------------------------------------------------------------
def test_an_export_order_writes_one_row_and_two_jobs(frozen: Shortlist, staff: User) -> None:
    at = timezone.now()
    order = make_order(staff, frozen, at=at)
    assert (order.state, order.done, order.total, order.expires_at) == ("OPEN", 0, 2, at + RETENTION)
    assert job_of(order).due_at == at
    assert job_of(order, EXPORT_REMOVAL).due_at == at + RETENTION
    assert not ShortlistExport.objects.exists()
    assert Entry.objects.filter(action="EXPORT_ORDERED", actor=staff).count() == 1


def test_a_repeated_request_gives_one_order(frozen: Shortlist, staff: User) -> None:
    key = uuid4()
    first = make_order(staff, frozen, key=key)
    assert make_order(staff, frozen, key=key) == first
    assert make_order(staff, frozen) == first  # from another page, while it waits
    write_all()
    assert make_order(staff, frozen, key=key) == first  # a click that arrives late
    others = {
        make_order(staff, frozen).pk,
        make_order(staff, frozen, key=key, file_format="xlsx").pk,
        make_order(staff, frozen, key=key, reason="Autre").pk,
        make_order(make_staff(), frozen, key=key).pk,
    }
    assert len(others - {first.pk}) == 4
    assert Delivery.objects.filter(kind=EXPORT).count() == 5


def test_a_user_in_conflict_may_not_order_an_export(frozen: Shortlist) -> None:
    conflicted = make_staff()
    submission = frozen.rows.order_by("rank")[0].filing.submission
    make_conflict(submission, conflicted)
    with pytest.raises(InConflictError):
        make_order(conflicted, frozen)
    assert not ExportOrder.objects.exists()


# -- Writing ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("file_format", ["zip", "csv", "xlsx"])
def test_a_worker_writes_the_same_bytes_as_a_direct_export(
    frozen: Shortlist, staff: User, file_format: str
) -> None:
    orders = [make_order(actor, frozen, file_format) for actor in (staff, make_staff())]
    write_all()
    contents = {downloaded(order, order.actor) for order in orders}
    assert contents == {export_directly(frozen, file_format)}
    digest = hashlib.sha256(contents.pop()).hexdigest()
    for order in orders:
        assert (order.state, order.done, order.total) == ("READY", 2, 2)
        assert order.export is not None
        assert (order.export.sha256, order.export.actor, order.export.reason) == (
            digest,
            order.actor,
            "Envoi à l’hôte",
        )
    assert ShortlistExport.objects.filter(actor__isnull=False).count() == 2
    assert Entry.objects.filter(action="SHORTLIST_EXPORTED", actor__isnull=False).count() == 2
    assert Entry.objects.filter(action="EXPORT_TAKEN").count() == 2


def test_an_order_has_its_progress_and_restarts_once_after_a_kill(
    frozen: Shortlist, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(staff, frozen)
    pack, packed, seen = archive._pack_line, [], []

    def killed_at_the_second(*asked: Any) -> None:
        seen.append(ExportOrder.objects.values_list("done", flat=True).get(pk=order.pk))
        packed.append(asked)
        if len(packed) == 2:
            raise KeyboardInterrupt
        pack(*asked)

    monkeypatch.setattr(archive, "_pack_line", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        exports_orders.write_order(job_of(order), timezone.now())
    assert not files_of(order), "a list that is not complete is not stored"
    assert not ShortlistExport.objects.exists()
    exports_orders.write_order(job_of(order), timezone.now())
    exports_orders.write_order(job_of(order), timezone.now())
    assert seen == [0, 1, 1, 1]
    assert downloaded(order, staff) == export_directly(frozen, "zip")
    assert len(files_of(order)) == 1
    assert ShortlistExport.objects.filter(actor=staff).count() == 1


def test_an_order_killed_before_it_is_ready_leaves_one_file_and_one_row(
    frozen: Shortlist, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(staff, frozen)

    def killed(**_asked: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(exports_orders, "record_export", killed)
        exports_orders.write_order(job_of(order), timezone.now())
    write_all()
    assert downloaded(order, staff) == export_directly(frozen, "zip")
    assert len(files_of(order)) == 1
    assert ShortlistExport.objects.filter(actor=staff).count() == 1


def test_an_attempt_whose_file_was_deleted_by_another_ends(
    frozen: Shortlist, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(staff, frozen)
    write = write_shortlist

    def overtaken(**asked: Any) -> int:
        rows = write(**asked)
        monkeypatch.setattr(exports_orders, "write_shortlist", write)
        write_all()
        return rows

    monkeypatch.setattr(exports_orders, "write_shortlist", overtaken)
    exports_orders.write_order(job_of(order), timezone.now())
    assert downloaded(order, staff) == export_directly(frozen, "zip")
    assert len(files_of(order)) == 1
    assert ShortlistExport.objects.filter(actor=staff).count() == 1


def test_a_damaged_file_is_not_ready_and_is_written_again(
    frozen: Shortlist, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(staff, frozen)
    write = write_shortlist

    def cut_short(**asked: Any) -> int:
        rows = write(**asked)
        asked["to"].seek(40)
        asked["to"].write(b"\0" * 8)  # in the middle of the first dossier
        return rows

    with monkeypatch.context() as patch:
        patch.setattr(exports_orders, "write_shortlist", cut_short)
        with pytest.raises(DamagedExportError):
            exports_orders.write_order(job_of(order), timezone.now())
    order.refresh_from_db()
    assert order.is_open
    write_all()
    assert downloaded(order, staff) == export_directly(frozen, "zip")


def test_a_refusal_in_the_worker_is_stored_without_a_file(frozen: Shortlist) -> None:
    member = make_staff()
    order = make_order(member, frozen)
    make_conflict(frozen.rows.order_by("rank")[0].filing.submission, member)
    lost = make_staff()
    other = make_order(lost, frozen)
    with as_owner():
        lost.groups.clear()
    write_all()
    order.refresh_from_db()
    other.refresh_from_db()
    assert (order.state, order.refusal) == ("REFUSED", "IN_CONFLICT")
    assert (other.state, other.refusal) == ("REFUSED", "NOT_ALLOWED")
    assert not ShortlistExport.objects.exists()
    assert not files_of(order)


# -- Cancelling, downloading, removing -------------------------------------------------------------------------
def test_an_order_cancelled_while_written_leaves_no_file(
    frozen: Shortlist, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(staff, frozen)
    pack, packed = archive._pack_line, []

    def cancelled_at_the_first(*asked: Any) -> None:
        pack(*asked)
        packed.append(asked)
        assert cancel_order(order=order, actor=staff)

    monkeypatch.setattr(archive, "_pack_line", cancelled_at_the_first)
    write_all()
    order.refresh_from_db()
    assert (order.state, len(packed)) == ("CANCELLED", 1)
    assert not files_of(order)
    assert not ShortlistExport.objects.exists()
    assert not cancel_order(order=order, actor=staff)
    assert Entry.objects.filter(action="EXPORT_CANCELLED").count() == 1
    with pytest.raises(ExportNotReadyError):
        open_order_file(order=order, actor=staff, at=timezone.now())


def test_a_ready_order_cannot_be_cancelled(frozen: Shortlist, staff: User) -> None:
    order = make_order(staff, frozen)
    write_all()
    assert not cancel_order(order=order, actor=staff)
    assert downloaded(order, staff) == export_directly(frozen, "zip")


def test_after_expiry_the_file_is_deleted_and_the_history_stays(frozen: Shortlist, staff: User) -> None:
    order, never = make_order(staff, frozen), make_order(staff, frozen, "xlsx")
    exports_orders.write_order(job_of(order), timezone.now())
    order.refresh_from_db()
    late = order.expires_at
    with pytest.raises(ExportNotReadyError):  # even before the removal job ran
        open_order_file(order=order, actor=staff, at=late)
    for each in (order, never, order):
        exports_orders.remove_order(job_of(each, EXPORT_REMOVAL), late)
    order.refresh_from_db()
    never.refresh_from_db()
    assert (order.state, order.file_name, never.state, never.refusal) == (
        "EXPIRED",
        "",
        "REFUSED",
        "TOO_LATE",
    )
    assert order.export is not None
    assert not files_of(order)
    with pytest.raises(ExportNotReadyError):
        open_order_file(order=order, actor=staff, at=late - timedelta(seconds=1))
    exports_orders.write_order(job_of(never), late)
    assert ShortlistExport.objects.count() == 1


def test_the_file_of_an_order_is_given_to_its_author_alone(frozen: Shortlist, staff: User) -> None:
    order = make_order(staff, frozen)
    write_all()
    order.refresh_from_db()
    with pytest.raises(PermissionDenied):
        open_order_file(order=order, actor=make_staff(), at=timezone.now())


def test_a_user_in_conflict_since_the_order_may_not_download_it(frozen: Shortlist) -> None:
    staff = make_staff()
    order = make_order(staff, frozen)
    write_all()
    order.refresh_from_db()
    make_conflict(frozen.rows.order_by("rank")[0].filing.submission, staff)
    with pytest.raises(InConflictError):
        open_order_file(order=order, actor=staff, at=timezone.now())


# -- Check of the file -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("file_format", ["zip", "xlsx", "csv", "pdf"])
def test_each_format_is_checked_to_its_end(frozen: Shortlist, file_format: str) -> None:
    make_assessment(frozen.rows.order_by("rank")[0].filing.submission, make_reviewer(frozen.offer), 4)
    content = export_directly(frozen, file_format)
    check_file(io.BytesIO(content), file_format=file_format, rows=2)
    with pytest.raises(DamagedExportError):
        check_file(io.BytesIO(content[: len(content) // 2]), file_format=file_format, rows=2)


def test_an_archive_with_other_members_than_its_checksums_is_damaged(frozen: Shortlist) -> None:
    more = io.BytesIO(export_directly(frozen, "zip"))
    with ZipFile(more, "a") as archive:
        archive.writestr("de-trop.txt", "rien")
    more.seek(0)
    with pytest.raises(DamagedExportError):
        check_file(more, file_format="zip", rows=2)
