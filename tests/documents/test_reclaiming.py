"""Stored files without a reference are deleted; a file with any reference never is."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from intake.documents import reclaiming
from intake.documents.invariants import altered_uploads
from intake.documents.models import Upload
from intake.documents.reclaiming import (
    MIN_AGE,
    RECLAIM,
    Reclaimed,
    erase_originals,
    orphan_uploads,
    reclaim_uploads,
)
from intake.documents.services import discard_upload
from intake.outbox import kinds
from intake.outbox.models import Delivery
from intake.outbox.services import post_due
from intake.submissions.models import PendingUpload
from intake.web.storage import PARTIAL_FOLDER
from tests.factories.documents import make_upload
from tests.factories.files import pdf_bytes
from tests.factories.submissions import make_draft, make_filing

from .test_uploads import stored_files

pytestmark = pytest.mark.django_db
PENDING = str(PendingUpload._meta.get_field("file").upload_to)


@pytest.fixture(autouse=True)
def nothing_stored_by_others() -> None:
    """Start with an empty storage: files of other tests remain in it."""
    for path in stored_files():
        default_storage.delete(path)
    for name in default_storage.listdir(PENDING)[1] if default_storage.exists(PENDING) else ():
        default_storage.delete(f"{PENDING}/{name}")


def names_of(upload: Upload) -> set[str]:
    files = (upload.original, upload.file, upload.thumbnail, upload.small_thumbnail)
    return {str(file.name) for file in files if file}


def reclaim_all() -> Reclaimed:
    return reclaim_uploads(before=timezone.now() + timedelta(hours=1))


def test_an_unused_upload_loses_its_files_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    upload, other = make_upload(), make_upload()
    with django_capture_on_commit_callbacks() as after:
        assert discard_upload(upload=upload)
        assert names_of(upload) <= stored_files(), "a rollback would bring the row back"
    for callback in after:
        callback()
    assert list(Upload.objects.all()) == [other]
    assert stored_files() == names_of(other)


@pytest.mark.parametrize("make", [lambda: make_draft().documents, lambda: make_filing().filing.documents])
def test_an_upload_of_a_draft_or_filing_is_never_discarded(
    make: Any, django_capture_on_commit_callbacks: Any
) -> None:
    documents = make()
    assert documents.exists()
    with django_capture_on_commit_callbacks(execute=True):
        for row in documents.select_related("upload"):
            assert not discard_upload(upload=row.upload)
    assert reclaim_all() == Reclaimed(uploads=0, files=0)
    for row in documents.select_related("upload"):
        assert names_of(row.upload) <= stored_files()


def test_an_upload_referenced_only_by_a_filing_stays() -> None:
    receipt = make_filing()
    receipt.filing.draft.documents.all().delete()
    assert not orphan_uploads(before=timezone.now() + timedelta(hours=1)).exists()
    assert reclaim_all() == Reclaimed(uploads=0, files=0)


def test_a_foreign_key_unknown_to_the_models_keeps_the_file_too(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    draft = make_draft()
    upload = draft.documents.select_related("upload").first()
    assert upload is not None
    # Without Django's own search for references: the foreign key must refuse.
    monkeypatch.setattr("django.db.models.deletion.Collector.collect", _collect_the_row_alone)
    with django_capture_on_commit_callbacks(execute=True):
        assert not discard_upload(upload=upload.upload)
    assert names_of(upload.upload) <= stored_files()


def _collect_the_row_alone(self: Any, objs: Any, *_args: Any, **_options: Any) -> None:
    self.add(objs)


@pytest.mark.django_db(transaction=True)
def test_the_sweep_deletes_unreferenced_rows_and_files() -> None:
    kept = make_draft().documents.select_related("upload")
    unused = make_upload(created_at=timezone.now())
    default_storage.save("documents/clean/orphan.pdf", ContentFile(pdf_bytes()))
    default_storage.save("documents/received/orphan.pdf", ContentFile(pdf_bytes()))
    assert reclaim_all() == Reclaimed(uploads=1, files=2)
    assert not Upload.objects.filter(pk=unused.pk).exists()
    assert stored_files() == set().union(*(names_of(row.upload) for row in kept))


def test_recent_uploads_and_files_are_kept() -> None:
    upload = make_upload(created_at=timezone.now())
    default_storage.save("documents/clean/being-written.pdf", ContentFile(pdf_bytes()))
    before = stored_files()
    assert reclaim_uploads(before=timezone.now() - MIN_AGE) == Reclaimed(uploads=0, files=0)
    assert Upload.objects.filter(pk=upload.pk).exists()
    assert stored_files() == before


def test_file_names_are_looked_up_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclaiming, "_BATCH_SIZE", 2)
    make_draft()
    for number in range(3):
        default_storage.save(f"documents/clean/orphan-{number}.pdf", ContentFile(b"x"))
    assert reclaim_all() == Reclaimed(uploads=0, files=3)


def test_unused_files_are_deleted_once_a_day() -> None:
    now = timezone.now()
    post_due(at=now)
    post_due(at=now)
    delivery = Delivery.objects.get(kind=RECLAIM)
    make_upload(created_at=now - 2 * MIN_AGE)
    recent = make_upload(created_at=now)
    kinds.get(RECLAIM).handler(delivery, now)
    assert list(Upload.objects.all()) == [recent]
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DONE, done_at=now)
    post_due(at=now + timedelta(days=1))
    assert Delivery.objects.filter(kind=RECLAIM).count() == 2


def test_the_command_counts_then_deletes() -> None:
    make_upload(created_at=timezone.now() - 2 * MIN_AGE)
    for dry_run in (True, False):
        out = StringIO()
        call_command("reclaim_uploads", dry_run=dry_run, stdout=out)
        assert json.loads(out.getvalue()) == {"dry_run": dry_run, "uploads": 1, "files": 0}
    assert not Upload.objects.exists()


def test_a_partial_file_of_a_killed_process_is_deleted_after_the_minimum_age() -> None:
    left = default_storage.save(f"{PARTIAL_FOLDER}/of-a-receipt", ContentFile(b"%PDF-1.7 half"))
    assert reclaim_uploads(before=timezone.now() - MIN_AGE) == Reclaimed(uploads=0, files=0)
    assert default_storage.exists(left)
    assert reclaim_all() == Reclaimed(uploads=0, files=1)
    assert not default_storage.exists(left)


def test_an_erased_original_leaves_its_digest_and_the_cleaned_file() -> None:
    first, second, third = make_upload(), make_upload(), make_upload()
    before = names_of(second)
    assert erase_originals(uploads=Upload.objects.all(), at_most=2) == 2
    erased = Upload.objects.get(pk=second.pk)
    assert names_of(erased) == before - {str(second.original.name)} <= stored_files()
    assert erased.sha256 == second.sha256
    assert not {str(first.original.name), str(second.original.name)} & stored_files()
    assert str(third.original.name) in stored_files(), "the oldest come first"
    assert list(altered_uploads()) == []


def test_an_original_whose_erasure_was_killed_is_erased_by_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload = make_upload()

    def fail(_name: str) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as away, pytest.raises(OSError, match="Input/output"):
        away.setattr(default_storage, "delete", fail)
        erase_originals(uploads=Upload.objects.all(), at_most=5)
    assert Upload.objects.get().original, "a row must not claim an erasure that did not happen"
    default_storage.delete(str(upload.original.name))  # as a run does that is killed before it commits
    assert [erase_originals(uploads=Upload.objects.all(), at_most=5) for _run in range(2)] == [1, 0]
    assert not Upload.objects.get().original
