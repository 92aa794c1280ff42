"""While a disk is full a file is not received, its person reads why, and no file is refused for it."""

import errno
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from intake.documents import inspection
from intake.documents.inspection import inspect_file
from intake.documents.isolated_process import run_isolated
from intake.operations import readiness
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.settings import services
from intake.submissions.delivery_kinds import UPLOAD
from intake.submissions.models import Draft, PendingUpload
from intake.web.storage import PARTIAL_FOLDER
from tests.factories.files import pdf_bytes
from tests.factories.submissions import make_draft
from tests.full_disk import full_disk
from tests.submissions.pages import browser_of, text_of, url

pytestmark = pytest.mark.django_db
LARGE = pdf_bytes(1) + bytes(2 * 1024 * 1024)
"""Longer than what a request keeps in memory."""
TYPED = "Ce que j’ai écrit dans ce formulaire."


@pytest.fixture
def folders(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The folder of the storage, and the temporary one of the processes."""
    found = {name: tmp_path / name for name in ("storage", "temporary")}
    for folder in found.values():
        folder.mkdir(mode=0o711)
    settings.STORAGES = settings.STORAGES | {"default": services.storage(found["storage"].as_uri())}
    monkeypatch.setattr(tempfile, "tempdir", str(found["temporary"]))
    tmp_path.chmod(0o711)
    return found


def _send(client: Client, draft: Draft, content: bytes) -> Any:
    cv = draft.submission.offer.documents.get(kind="CV")
    fields = {"file": SimpleUploadedFile("cv.pdf", content), "note": TYPED}
    return client.post(url("document", draft, cv.pk), fields, headers={"Origin": "http://testserver"})


@pytest.mark.parametrize("disk", ["storage", "temporary"])
@pytest.mark.parametrize("content", [pdf_bytes(1), LARGE], ids=["in memory", "on disk"])
def test_a_file_sent_to_a_full_disk_is_answered_by_the_reason(
    folders: dict[str, Path], disk: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "PROBES", readiness.make_probes())
    draft = make_draft(documents=False)
    client = browser_of(draft)
    with full_disk(folders[disk]):
        answer = _send(client, draft, content)
        ready = client.get("/readyz").json()
        names = [path.name for path in folders["temporary"].glob("intake-*/*")]
    assert answer.status_code == 503
    page = text_of(answer.content)
    assert "Ce n’est pas votre faute. Le portail n’a plus de place pour recevoir des fichiers" in page
    assert TYPED in page
    assert answer.headers["Retry-After"]
    assert not PendingUpload.objects.exists()
    assert names == []
    if disk == "storage":
        assert ready["storage"] is False
    assert _send(client, draft, content).status_code == 302
    assert PendingUpload.objects.count() == 1


@pytest.mark.parametrize("disk", [f"storage/{PARTIAL_FOLDER}", "temporary"])
def test_a_worker_on_a_full_disk_refuses_no_file_and_loses_no_attempt(
    folders: dict[str, Path], tmp_path: Path, disk: str
) -> None:
    draft = make_draft(documents=False)
    _send(browser_of(draft), draft, pdf_bytes(1))
    delivery = Delivery.objects.get(kind=UPLOAD)
    with full_disk(tmp_path / disk):
        assert deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.outages) == (0, 1)
    assert PendingUpload.objects.get().state == PendingUpload.State.RECEIVED
    assert deliver(delivery.pk, at=delivery.due_at)
    assert PendingUpload.objects.get().state == PendingUpload.State.ADDED


def test_a_file_that_is_inspected_on_a_full_disk_is_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "run_isolated", run_isolated)
    tmp_path.chmod(0o711)
    received, made = tmp_path / "received", tmp_path / "made"
    received.write_bytes(pdf_bytes(1))
    made.mkdir()
    with full_disk(made) as is_mounted:
        if not is_mounted:
            pytest.skip("a child process is limited by its own limits alone")
        with pytest.raises(OSError) as raised:  # noqa: PT011 -- its number is compared
            inspect_file(received, name="cv.pdf", max_pages=2, max_bytes=10_000_000, into=made)
    assert raised.value.errno == errno.ENOSPC
