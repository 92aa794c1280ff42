"""A received file waits for a worker, which attaches it once, whatever happens to the worker."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from intake.documents.child.refusal import Reason
from intake.documents.models import Upload
from intake.documents.reclaiming import MIN_AGE, reclaim_uploads
from intake.documents.services import prepare_upload
from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant
from intake.submissions.attachments import inspecting, quotas
from intake.submissions.attachments.cards import refusal_of
from intake.submissions.attachments.inspecting import inspect_upload, sweep_uploads
from intake.submissions.attachments.quotas import DailyQuotaError, StoredQuotaError, check_quota
from intake.submissions.attachments.receiving import drop_uploads, receive_upload
from intake.submissions.delivery_kinds import UPLOAD
from intake.submissions.lifecycle.errors import OfferNotOpenError, StaleDraftError
from intake.submissions.models import Draft, PendingUpload
from intake.web import formats
from intake.web.formats import QUEBEC
from intake.web.storage import StorageUnavailableError
from tests.documents.test_uploads import stored_files
from tests.factories.documents import make_upload, received
from tests.factories.files import pdf_bytes
from tests.factories.submissions import close_offer, make_draft, make_filing
from tests.submissions.attachments.test_documents import cv_of
from tests.submissions.pages import browser_of, text_of, url
from tests.submissions.uploading import inspect_received

pytestmark = pytest.mark.django_db(transaction=True)
State = PendingUpload.State


@pytest.fixture(autouse=True)
def no_pending_files() -> None:
    """Delete the files that other tests left."""
    for name in pending_files():
        default_storage.delete(f"documents/pending/{name}")


def send(draft: Draft, content: bytes, name: str = "cv.pdf", seen: str | None = None) -> PendingUpload:
    pending = receive_upload(
        draft=draft, request=cv_of(draft), uploaded_file=received(content, name), at=timezone.now(), seen=seen
    )
    assert pending is not None
    return pending


def pending_files() -> list[str]:
    folder = "documents/pending"
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def delivery_of(pending: PendingUpload, **fields: object) -> Delivery:
    Delivery.objects.filter(key=str(pending.public_id)).update(**fields)
    return Delivery.objects.get(kind=UPLOAD, key=str(pending.public_id))


def test_a_received_file_is_no_document_until_a_worker_inspects_it() -> None:
    draft, content = make_draft(documents=False), pdf_bytes(2)
    pending = send(draft, content, "Mon CV.pdf", seen="")
    assert not draft.documents.exists()
    with default_storage.open(str(pending.file.name)) as stored:
        assert stored.read() == content
    assert inspect_received() == 1
    document = draft.documents.get()
    assert (document.upload.original_name, document.upload.pages) == ("Mon-CV.pdf", 2)
    pending.refresh_from_db()
    assert (pending.state, pending.file.name, document.upload.created_at) == (
        State.ADDED,
        "",
        pending.received_at,
    )
    assert pending.started_at is not None
    assert pending_files() == []


@pytest.mark.parametrize(
    "dies", ["copy_stored", "prepare_upload", "save", "change_parts", "settle", "forget_files"]
)
def test_a_worker_that_dies_anywhere_leaves_one_document_after_the_next(
    dies: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = make_draft(documents=False)
    pending = send(draft, pdf_bytes(2))
    delivery = delivery_of(pending)
    place = Upload if dies == "save" else inspecting
    real = getattr(place, dies)

    class Killed(BaseException):
        pass

    def killed(*given: object, **named: object) -> None:
        real(*given, **named)  # killed after it, before what follows
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(place, dies, killed)
        if dies == "forget_files":  # only a file that changes nothing reaches it
            patch.setattr(inspecting, "_attach", lambda *_given: State.SAME)
        with pytest.raises(Killed):
            inspect_upload(delivery, timezone.now())
    inspect_upload(delivery, timezone.now())
    inspect_upload(delivery, timezone.now())
    pending.refresh_from_db()
    if dies == "forget_files":
        assert (pending.state, Upload.objects.count()) == (State.SAME, 0)
    else:
        assert (pending.state, Upload.objects.count(), draft.documents.count()) == (State.ADDED, 1, 1)
        assert draft.documents.get().upload.file.read(4) == b"%PDF"
    assert pending_files() == []


def test_a_file_that_ends_its_workers_is_refused_with_the_advice_to_try_again() -> None:
    draft = make_draft()
    held = draft.documents.get(request=cv_of(draft)).upload
    pending = send(draft, pdf_bytes(2))
    inspect_upload(delivery_of(pending, attempts=inspecting.MAX_STARTS + 1), timezone.now())
    pending.refresh_from_db()
    assert (pending.state, pending.reason_code) == (State.REFUSED, Reason.TIMED_OUT)
    assert draft.documents.get(request=cv_of(draft)).upload == held
    again = send(draft, pdf_bytes(2))
    inspect_upload(delivery_of(again, attempts=inspecting.MAX_STARTS), timezone.now())
    assert draft.documents.get(request=cv_of(draft)).upload.pages == 2


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_file_keeps_its_bytes_when_the_connection_is_lost_during_its_commit(
    *, is_stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = make_draft(documents=False)
    database: Any = connections[DEFAULT_DB_ALIAS]
    commit, rollback = database._commit, database._rollback

    def cut() -> None:
        (commit if is_stored else rollback)()
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(database, "_commit", cut)
        with pytest.raises(OperationalError):
            send(draft, pdf_bytes(2))
    assert (PendingUpload.objects.count(), len(pending_files())) == (int(is_stored), 1)
    send(draft, pdf_bytes(2))  # again, as its sender had no answer
    inspect_received()
    assert draft.documents.get().upload.pages == 2
    assert len(pending_files()) == (0 if is_stored else 1)
    reclaim_uploads(before=database_instant() + timedelta(minutes=1))
    assert pending_files() == []


def test_a_file_whose_bytes_are_lost_is_refused_with_the_advice_to_try_again() -> None:
    pending = send(make_draft(documents=False), pdf_bytes(2))
    default_storage.delete(str(pending.file.name))
    inspect_received()
    pending.refresh_from_db()
    assert (pending.state, pending.reason_code) == (State.REFUSED, Reason.TIMED_OUT)


def test_a_storage_that_does_not_answer_refuses_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def be_away(*_given: object) -> None:
        raise StorageUnavailableError

    pending = send(make_draft(documents=False), pdf_bytes(2))
    with monkeypatch.context() as away:
        away.setattr(inspecting, "copy_stored", be_away)
        with pytest.raises(StorageUnavailableError):
            inspect_upload(delivery_of(pending), timezone.now())
    pending.refresh_from_db()
    assert pending.state == State.RECEIVED
    inspect_upload(delivery_of(pending), timezone.now())
    pending.refresh_from_db()
    assert pending.state == State.ADDED


def test_a_refused_file_keeps_its_reason_and_none_of_its_bytes() -> None:
    draft = make_draft(documents=False)
    pending = send(draft, pdf_bytes(4))
    inspect_received()
    pending.refresh_from_db()
    assert (pending.state, pending.reason_code) == (State.REFUSED, Reason.TOO_MANY_PAGES)
    assert (pending.facts["pages"], pending.facts["max_pages"]) == (4, 3)
    assert (pending_files(), draft.documents.count(), Upload.objects.count()) == ([], 0, 0)


def test_the_same_file_sent_twice_is_inspected_once_and_another_takes_its_place() -> None:
    draft, content = make_draft(documents=False), pdf_bytes(2)
    first = send(draft, content)
    assert send(draft, content) == first
    second = send(draft, pdf_bytes(3))
    assert len(pending_files()) == 1
    inspect_received()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.DROPPED, State.ADDED)
    assert draft.documents.get().upload.pages == 3
    same = receive_upload(
        draft=draft, request=cv_of(draft), uploaded_file=received(pdf_bytes(3)), at=timezone.now()
    )
    assert (same, PendingUpload.objects.count(), pending_files()) == (None, 2, [])


def test_a_dropped_file_is_not_attached_by_the_worker_that_inspects_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = make_draft(documents=False)
    pending, stored = send(draft, pdf_bytes(2)), stored_files()
    real = prepare_upload

    def dropped_meanwhile(**given: object) -> Upload:
        drop_uploads(draft=draft, request=cv_of(draft))
        return real(**given)  # type: ignore[arg-type]  # -- what the worker gives

    monkeypatch.setattr(inspecting, "prepare_upload", dropped_meanwhile)
    inspect_received()
    pending.refresh_from_db()
    assert (pending.state, draft.documents.count(), Upload.objects.count()) == (State.DROPPED, 0, 0)
    assert stored_files() <= stored


def test_a_file_received_in_time_is_attached_after_the_closing_and_no_other() -> None:
    draft = make_draft(documents=False)
    pending = send(draft, pdf_bytes(2))
    close_offer(draft.submission.offer, seconds_ago=0)
    with pytest.raises(OfferNotOpenError):
        send(draft, pdf_bytes(3))
    assert len(pending_files()) == 1
    inspect_received()
    assert draft.documents.get().upload.pages == 2
    late = PendingUpload.objects.filter(pk=pending.pk)
    draft.documents.all().delete()
    late.update(state=State.RECEIVED, file="documents/pending/x", settled_at=None, received_at=timezone.now())
    default_storage.save("documents/pending/x", received(pdf_bytes(3)))
    inspect_upload(delivery_of(pending), timezone.now())
    assert (late.get().state, draft.documents.count()) == (State.CLOSED, 0)
    assert "L’offre ne reçoit plus de candidatures." in refusal_of(late.get())


def test_a_file_in_analysis_at_the_closing_is_followed_on_the_page() -> None:
    draft = make_draft(documents=False)
    client = browser_of(draft)
    pending = send(draft, pdf_bytes(2))
    page = f"{url('document', draft, cv_of(draft).pk)}?suivi={pending.public_id.hex}"
    close_offer(draft.submission.offer, seconds_ago=0)
    shown = text_of(client.get(url("documents", draft)).content)
    assert "Votre fichier est en analyse." in shown
    assert "js/uploads" in shown
    assert "Il sera ajouté à votre brouillon s’il est accepté." in shown
    assert "Vous pourrez déposer" not in shown
    assert "À ajouter" not in shown
    assert "Chaque document" not in shown
    inspect_received()
    assert 'data-outcome="added"' in client.get(page, headers={"X-Card": "listed"}).content.decode()


def test_a_document_that_changed_meanwhile_is_not_replaced() -> None:
    draft = make_draft()
    seen = draft.documents.get(request=cv_of(draft)).upload.public_id.hex
    pending = send(draft, pdf_bytes(2), seen=seen)
    draft.documents.filter(request=cv_of(draft)).delete()
    inspect_received()
    pending.refresh_from_db()
    assert (pending.state, draft.documents.filter(request=cv_of(draft)).count()) == (State.CHANGED, 0)
    shown = text_of(browser_of(draft).get(url("documents", draft)).content)
    assert "Ce document a changé dans une autre fenêtre." in shown
    with pytest.raises(StaleDraftError):
        send(draft, pdf_bytes(3), seen=seen)
    assert pending_files() == []


def test_a_file_of_a_discarded_draft_is_attached_to_none() -> None:
    draft = make_draft(documents=False)
    pending = send(draft, pdf_bytes(2))
    draft.delete()
    inspect_received()
    pending.refresh_from_db()
    assert (pending.state, pending_files(), Upload.objects.count()) == (State.CLOSED, [], 0)


# -- Turns and quotas ----------------------------------------------------------------------------------------------
def test_a_quota_refuses_a_file_before_any_byte_is_stored(settings: object) -> None:
    draft = make_draft(documents=False)
    settings.UPLOADS_PER_DAY = 1  # type: ignore[attr-defined]  # -- pytest-django's fixture
    send(draft, pdf_bytes(2))
    with pytest.raises(DailyQuotaError) as daily:
        send(draft, pdf_bytes(3))
    assert "à compter du" in str(daily.value)
    settings.UPLOADS_PER_DAY = 100  # type: ignore[attr-defined]  # -- as above
    settings.UPLOAD_MIB_NOT_FILED = 0  # type: ignore[attr-defined]  # -- as above
    with pytest.raises(StoredQuotaError):
        send(draft, pdf_bytes(3))
    settings.UPLOAD_MIB_PER_DAY = 0  # type: ignore[attr-defined]  # -- as above
    with pytest.raises(DailyQuotaError):
        send(draft, pdf_bytes(3))
    assert len(pending_files()) == 1
    PendingUpload.objects.update(received_at=timezone.now() - timedelta(days=1))
    settings.UPLOAD_MIB_PER_DAY, settings.UPLOAD_MIB_NOT_FILED = 1, 1  # type: ignore[attr-defined]  # -- as above
    settings.UPLOADS_PER_DAY = 1  # type: ignore[attr-defined]  # -- as above
    assert send(draft, pdf_bytes(3)).size


def test_the_day_of_a_quota_is_one_of_quebec(settings: Settings) -> None:
    settings.UPLOADS_PER_DAY = 1
    draft = make_draft(documents=False)
    send(draft, pdf_bytes(2))
    PendingUpload.objects.update(received_at=datetime(2027, 7, 1, 21, tzinfo=QUEBEC))
    owner = draft.submission.candidate
    with pytest.raises(DailyQuotaError) as refused:
        check_quota(owner=owner, size=1, at=datetime(2027, 7, 2, 3, 59, tzinfo=UTC))
    assert refused.value.until == formats.day(date(2027, 7, 2))
    check_quota(owner=owner, size=1, at=datetime(2027, 7, 2, 4, tzinfo=UTC))


def test_a_refused_file_does_not_count_as_stored(settings: Settings) -> None:
    settings.UPLOAD_MIB_NOT_FILED = 1
    draft = make_draft(documents=False)
    pending = PendingUpload.objects.filter(pk=send(draft, pdf_bytes(2)).pk)
    owner = draft.submission.candidate
    pending.update(size=1024 * 1024)
    with pytest.raises(StoredQuotaError):
        check_quota(owner=owner, size=1, at=timezone.now())
    pending.update(state=State.REFUSED, reason_code=Reason.TIMED_OUT, file="", settled_at=timezone.now())
    check_quota(owner=owner, size=1, at=timezone.now())


def test_the_files_that_a_filed_document_was_joined_from_count_as_filed(settings: Settings) -> None:
    settings.UPLOAD_MIB_NOT_FILED = 1
    drafted, filed = make_draft(), make_filing().filing.draft
    for document in (drafted.documents.earliest("pk"), filed.documents.earliest("pk")):
        owner = document.upload.owner
        document.parts.create(position=1, upload=make_upload(owner, size=1024 * 1024))
    with pytest.raises(StoredQuotaError):
        check_quota(owner=drafted.submission.candidate, size=1, at=timezone.now())
    check_quota(owner=filed.submission.candidate, size=1, at=timezone.now())


def test_a_file_is_counted_under_a_lock_of_its_person() -> None:
    draft = make_draft(documents=False)
    with transaction.atomic(), connection.cursor() as cursor:
        send(draft, pdf_bytes(2))
        cursor.execute(
            "SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        assert (quotas._LOCK, draft.submission.candidate_id) in cursor.fetchall()


def test_the_sweep_ends_what_waited_a_day_and_deletes_what_is_settled() -> None:
    draft, at = make_draft(documents=False), database_instant()
    waiting = send(draft, pdf_bytes(2))
    sweep_uploads(delivery_of(waiting), at)
    assert (PendingUpload.objects.get().state, len(pending_files())) == (State.RECEIVED, 1)
    sweep_uploads(delivery_of(waiting), at + inspecting.MAX_WAIT + timedelta(minutes=1))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason_code) == (State.REFUSED, Reason.TIMED_OUT)
    assert pending_files() == []
    sweep_uploads(delivery_of(waiting), at + inspecting.KEPT_FOR + timedelta(minutes=1))
    assert not PendingUpload.objects.exists()


def test_bytes_in_analysis_are_kept_and_those_that_no_row_names_are_reclaimed() -> None:
    waiting = send(make_draft(documents=False), pdf_bytes(2))
    lost = default_storage.save("documents/pending/lost", received(pdf_bytes(2)))
    reclaim_uploads(before=timezone.now() - MIN_AGE)
    assert len(pending_files()) == 2
    reclaim_uploads(before=timezone.now() + timedelta(minutes=1))
    assert (pending_files(), default_storage.exists(lost)) == ([str(waiting.public_id.hex)], False)
