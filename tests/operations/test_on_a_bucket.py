"""The portal with its files in a bucket: pages, jobs, exports and deletions, also while the server does not answer."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from intake.documents.invariants import altered_uploads
from intake.documents.models import Upload
from intake.documents.reclaiming import Reclaimed, reclaim_uploads
from intake.dossiers.models import Dossier
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.outbox.tasks import deliver
from intake.review.exports import orders
from intake.settings import services
from intake.submissions.delivery_kinds import DOSSIER, ORIGINALS_ERASURE
from intake.web import s3_storage
from tests.factories.exports import make_frozen
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_dossier, make_shortlisted
from tests.factories.submissions import make_draft, make_filing, make_open_offer
from tests.submissions.pages import browser_of, url
from tests.web.s3_server import FaultyProxy, answers, resets, s3_server, url_of

pytestmark = [pytest.mark.full, pytest.mark.servers, pytest.mark.django_db]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with s3_server(tmp_path_factory.mktemp("s3")) as port:
        yield port


@pytest.fixture
def proxy(server: int, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    """Between the portal and its bucket, which is empty."""
    monkeypatch.setattr(s3_storage, "READ_SECONDS", 0.5)
    between = FaultyProxy(server)
    bucket = services.storage(url_of(between.port, prefix=uuid4().hex))
    settings.STORAGES = settings.STORAGES | {"default": bucket}
    yield between
    between.close()
    breaker().close()


def breaker() -> Any:
    return default_storage._breaker  # type: ignore[attr-defined]  # -- that of S3Storage


def job(kind: str) -> Delivery:
    with transaction.atomic():
        return post(kind=kind, key=str(uuid4()), subject="uploads")


def test_a_page_whose_file_is_not_accessible_has_the_reference_of_the_outage(proxy: FaultyProxy) -> None:
    draft = make_draft()
    asked = draft.documents.earliest("pk").request_id
    client, page = browser_of(draft), url("document_show", draft, asked, "apercu.jpg")
    stored = draft.documents.get(request=asked).upload.thumbnail.read()
    assert b"".join(client.get(page)) == stored
    proxy.fail(resets)
    for _time in range(2):
        answer = client.get(page)
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        shown = answer.content.decode()
        assert "Les documents ne sont pas accessibles" in shown
        assert answer["X-Request-Reference"] in shown
    assert client.get(url("documents", draft)).status_code == 200, "it shows no file itself"
    proxy.recover()
    breaker().close()
    assert b"".join(client.get(page)) == stored


def test_a_job_that_needs_a_file_waits_until_the_outage_is_over(proxy: FaultyProxy) -> None:
    make_filing()
    originals = [str(upload.original.name) for upload in Upload.objects.all()]
    proxy.fail(answers("500 Internal Server Error"))
    delivery = job(ORIGINALS_ERASURE)
    for outages in range(1, 8):  # more than a job may fail
        Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        deliver(delivery.pk)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts, delivery.outages) == ("PENDING", 0, outages)
    assert not Upload.objects.filter(original="").exists()
    proxy.recover()
    breaker().close()
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "DONE"
    assert not any(default_storage.exists(name) for name in originals)
    assert not Upload.objects.exclude(original="").exists()


def test_what_no_row_names_is_deleted_from_a_bucket(proxy: FaultyProxy) -> None:
    draft = make_draft()
    left = [
        default_storage.save(f"documents/{folder}/left", ContentFile(b"x"))
        for folder in ("clean", "received")
    ]
    assert reclaim_uploads(before=timezone.now() - timedelta(days=1)) == Reclaimed(uploads=0, files=0)
    assert reclaim_uploads(before=timezone.now() + timedelta(hours=1)) == Reclaimed(uploads=0, files=2)
    assert not any(default_storage.exists(name) for name in left)
    assert all(default_storage.exists(str(row.upload.file.name)) for row in draft.documents.all())
    assert list(altered_uploads()) == []


def test_a_dossier_is_drawn_from_a_bucket_once_it_answers(proxy: FaultyProxy) -> None:
    receipt = make_filing()
    delivery = Delivery.objects.get(kind=DOSSIER, key=receipt.number)
    proxy.fail(resets)
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.outages) == ("PENDING", 0, 1)
    proxy.recover()
    breaker().close()
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    deliver(delivery.pk)
    assert Dossier.objects.get(number=receipt.number).file.read().startswith(b"%PDF")


def test_an_archive_is_written_to_a_bucket_read_from_it_and_removed(proxy: FaultyProxy) -> None:
    offer, staff = make_open_offer(), make_staff()
    numbers = [make_dossier(make_shortlisted(offer, last_name=name)).number for name in ("Un", "Deux")]
    order = orders.order_export(
        key=uuid4(),
        offer=offer,
        actor=staff,
        file_format="zip",
        at=timezone.now(),
        shortlist=make_frozen(offer),
        reason="Envoi",
    )
    deliver(Delivery.objects.get(kind="EXPORT").pk)
    order.refresh_from_db()
    page = reverse("review:export_file", args=[order.public_id])
    with ZipFile(io.BytesIO(b"".join(client_of(staff).get(page)))) as archive:
        assert sum(name.endswith(".pdf") for name in archive.namelist()) == len(numbers)
    orders.remove_order(Delivery(subject_id=str(order.pk)), timezone.now())
    assert default_storage.listdir(order.folder) == ([], [])
