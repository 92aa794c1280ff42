"""Rows and files of dossiers and receipts: when made, lost and regenerated, and made by two workers at once."""

import hashlib
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse

from intake.dossiers import downloads, services, storage
from intake.dossiers.models import Dossier, LostDossier, RemadeReceipt, Seal, SignedReceipt
from intake.dossiers.receipts import building, verifying
from intake.dossiers.receipts.building import build_receipt
from intake.dossiers.render import RenderedPdf
from intake.dossiers.services import build_dossier
from intake.journal.models import Entry
from tests.factories.documents import make_upload
from tests.factories.payloads import payload, seal_payload
from tests.factories.receipts import NUMBER, facts

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 30, 18, 32, 5, tzinfo=UTC)
LATER = AT + timedelta(days=1)
FIRST, SECOND = b"%PDF first", b"%PDF the second one"
DRAWN_FIRST, DRAWN_SECOND = RenderedPdf(FIRST, 5, (), (2, 4)), RenderedPdf(SECOND, 6, (), (3, 5))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def seal(db: None) -> Iterator[Seal]:
    del db
    yield seal_payload(payload=payload(), at=AT)
    for folder in ("dossiers", "receipts"):
        default_storage.delete(f"{folder}/{NUMBER}.pdf")


def row(made: Any, *names: str) -> dict[str, Any]:
    """Return the columns of a row, without its key and relations."""
    held = type(made).objects.get(pk=made.pk)
    return {name: getattr(held, name) for name in names}


def run_meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], object]) -> None:
    """Let another worker `act` when this one first calls `name` of `module`."""
    take, waiting = getattr(module, name), [act]

    def wait(what: Any) -> None:
        take(what)
        while waiting:
            waiting.pop()()

    monkeypatch.setattr(module, name, wait)


# -- A dossier


OF_A_DOSSIER = ("number", "sha256", "size", "pages", "starts", "built_at")


def keep(seal: Seal, rendered: RenderedPdf = DRAWN_FIRST, at: datetime = AT) -> Dossier:
    return storage.store_dossier(seal=seal, number=NUMBER, rendered=rendered, at=at)


def test_a_second_worker_returns_the_dossier_of_the_first(
    seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Dossier] = []
    run_meanwhile(monkeypatch, storage, "_lock", lambda: made.append(keep(seal)))
    assert keep(seal, DRAWN_SECOND) == made[0]
    assert Dossier.objects.get().file.read() == FIRST


def test_a_lost_dossier_regenerated_identically_enters_the_journal(
    seal: Seal, caplog: pytest.LogCaptureFixture
) -> None:
    made = keep(seal)
    made.file.storage.delete(str(made.file.name))
    before = row(made, *OF_A_DOSSIER)
    assert storage.replace_lost_dossier(dossier=made, rendered=DRAWN_FIRST, at=LATER) == made
    assert row(made, *OF_A_DOSSIER) == before
    assert (Dossier.objects.get().file.read(), LostDossier.objects.count()) == (FIRST, 0)
    assert _journal() == [(None, "DOSSIER_REMADE", NUMBER)]
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("ERROR", f"the file of dossier {NUMBER} was lost, and was made again")
    ]


def test_a_regenerated_dossier_replaces_the_lost_one_and_keeps_its_record(seal: Seal) -> None:
    made = keep(seal)
    made.file.storage.delete(str(made.file.name))
    storage.replace_lost_dossier(dossier=made, rendered=DRAWN_SECOND, at=LATER)
    assert row(made, *OF_A_DOSSIER) == {
        "number": NUMBER,
        "sha256": sha256(SECOND),
        "size": 19,
        "pages": 6,
        "starts": [3, 5],
        "built_at": LATER,
    }
    lost = LostDossier.objects.get()
    assert row(lost, "sha256", "size", "pages", "built_at", "noted_at") == {
        "sha256": sha256(FIRST),
        "size": 10,
        "pages": 5,
        "built_at": AT,
        "noted_at": LATER,
    }
    assert (lost.dossier, Dossier.objects.get().file.read()) == (made, SECOND)
    assert (str(made), str(lost), str(seal)) == (NUMBER, sha256(FIRST), seal.digest)


def test_a_dossier_that_another_worker_regenerated_meanwhile_is_kept(
    seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keep(seal)
    name = str(made.file.name)
    made.file.storage.delete(name)
    run_meanwhile(monkeypatch, storage, "_lock", lambda: default_storage.save(name, ContentFile(FIRST)))
    assert storage.replace_lost_dossier(dossier=made, rendered=DRAWN_SECOND, at=LATER) == made
    assert (Dossier.objects.get().sha256, LostDossier.objects.count(), _journal()) == (sha256(FIRST), 0, [])


def test_only_the_worker_whose_digest_is_stored_writes_its_file(
    seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keep(seal)
    name = str(made.file.name)
    made.file.storage.delete(name)

    def another_row(**_entry: object) -> None:
        Dossier.objects.update(sha256=sha256(b"of another worker"))

    monkeypatch.setattr(storage, "record", another_row)
    storage.replace_lost_dossier(dossier=made, rendered=DRAWN_SECOND, at=LATER)
    assert not default_storage.exists(name)


def test_an_incomplete_dossier_file_is_removed_before_the_new_one_is_written(seal: Seal) -> None:
    made = keep(seal)
    name = str(made.file.name)
    made.file.storage.delete(name)
    default_storage.save(name, ContentFile(b"%PDF"))
    storage.replace_lost_dossier(dossier=made, rendered=DRAWN_FIRST, at=LATER)
    kept = Dossier.objects.get()
    assert (kept.file.name, kept.file.read()) == (name, FIRST)


def test_a_dossier_is_drawn_of_the_seal_and_of_each_document_in_its_order(
    seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def draw(sealed: object, **options: Any) -> RenderedPdf:
        given.update(options, payload=sealed)
        given["sources"] = [(one.label, one.path.read_bytes(), one.pages) for one in options["sources"]]
        return DRAWN_FIRST

    monkeypatch.setattr(services, "render_dossier", draw)
    uploads = [make_upload(content=b"%PDF one", pages=3), make_upload(content=b"%PDF two", pages=1)]
    parts = [
        services.FiledPart(label, upload) for label, upload in zip(("CV", "Lettre"), uploads, strict=True)
    ]
    made = build_dossier(seal=seal, number=NUMBER, received_at=AT, parts=parts, at=LATER, cpu_seconds=7)
    assert given == {
        "payload": payload(),
        "number": NUMBER,
        "received_at": AT,
        "digest": seal.digest,
        "sources": [("CV", b"%PDF one", 3), ("Lettre", b"%PDF two", 1)],
        "cpu_seconds": 7,
    }
    assert made.built_at == LATER
    build_dossier(seal=seal, number=NUMBER, received_at=AT, parts=[], at=LATER)
    assert given["cpu_seconds"] == 7  # intact documents are not drawn again
    made.file.storage.delete(str(made.file.name))
    build_dossier(seal=seal, number=NUMBER, received_at=AT, parts=[], at=LATER)
    assert (given["cpu_seconds"], given["sources"]) == (30, [])


@pytest.mark.parametrize("size, is_kept", [(9, False), (10, True), (11, True)])
def test_a_dossier_file_is_complete_from_its_recorded_size_on(
    size: int, *, is_kept: bool, seal: Seal
) -> None:
    made = keep(seal)
    name = str(made.file.name)
    made.file.storage.delete(name)
    assert not storage.is_complete_file(made)
    default_storage.save(name, ContentFile(b"x" * size))
    assert storage.is_complete_file(made) is is_kept
    if is_kept:
        assert storage.open_complete_file(made).read() == b"x" * size
    else:
        with pytest.raises(FileNotFoundError, match=f"^{name}$"):
            storage.open_complete_file(made)


# -- A receipt


OF_A_RECEIPT = ("number", "code", "sha256", "size", "built_at")


@pytest.fixture
def signs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Replaces drawing and signing: calls are recorded, and each signature differs."""
    asked: list[Any] = []

    def draw(sealed: object, **options: Any) -> bytes:
        asked.append((sealed, options))
        return b"%PDF"

    def sign_pdf(content: bytes, *, at: datetime) -> bytes:
        return content + f" signed at {at.isoformat()}{len(asked)}".encode()

    monkeypatch.setattr(building, "render_receipt", draw)
    monkeypatch.setattr(building, "sign_pdf", sign_pdf)
    return asked


def build(seal: Seal, at: datetime = AT) -> SignedReceipt:
    return build_receipt(seal=seal, facts=facts(), in_english_too=True, at=at)


def test_a_receipt_is_stored_with_all_its_columns(seal: Seal, signs: list[Any]) -> None:
    default_storage.save(f"receipts/{NUMBER}.pdf", ContentFile(b"left by a kill"))
    made = build(seal)
    content = b"%PDF signed at 2026-09-30T18:32:05+00:001"
    assert row(made, *OF_A_RECEIPT) == {
        "number": NUMBER,
        "code": facts().code,
        "sha256": sha256(content),
        "size": len(content),
        "built_at": AT,
    }
    assert (made.seal, made.file.name, made.file.read()) == (seal, f"receipts/{NUMBER}.pdf", content)
    assert str(made) == NUMBER
    ((sealed, options),) = signs
    assert sealed == payload()
    assert options == {
        "facts": facts(),
        "address": f"http://127.0.0.1:8000/verifier/?numero={NUMBER}&code={facts().code}",
        "in_english_too": True,
    }
    assert (build(seal, LATER), len(signs)) == (made, 1)
    assert verifying.find_by_code(made.code) == facts() == verifying.statement_of(NUMBER)
    assert verifying.find_by_file_digest(made.sha256) == made
    assert verifying.find_by_file_digest(sha256(b"another")) is None
    assert verifying.find_by_code("0000-0000-0000") is None


def test_a_second_worker_returns_the_receipt_of_the_first(
    seal: Seal, signs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[SignedReceipt] = []
    run_meanwhile(monkeypatch, storage, "_lock", lambda: made.append(build(seal, LATER)))
    assert build(seal) == made[0]
    assert len(signs) == 2
    assert SignedReceipt.objects.get().built_at == LATER


def test_a_lost_receipt_is_regenerated_and_both_of_its_digests_are_known(
    seal: Seal, signs: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    made = build(seal)
    before = row(made, *OF_A_RECEIPT)
    made.file.storage.delete(str(made.file.name))
    default_storage.save(f"receipts/{NUMBER}.pdf", ContentFile(b"%"))
    assert build(seal, LATER) == made
    assert row(made, *OF_A_RECEIPT) == before
    kept = SignedReceipt.objects.get()
    content = kept.file.read()
    again = RemadeReceipt.objects.get()
    assert row(again, "sha256", "size", "built_at") == {
        "sha256": sha256(content),
        "size": len(content),
        "built_at": LATER,
    }
    assert (again.receipt, str(again), kept.file.name) == (made, sha256(content), f"receipts/{NUMBER}.pdf")
    assert content == b"%PDF signed at 2026-10-01T18:32:05+00:002"
    assert verifying.find_by_file_digest(again.sha256) == made
    assert _journal() == [(None, "RECEIPT_PDF_REMADE", NUMBER)]
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("ERROR", f"the file of receipt {NUMBER} was lost, and was made again")
    ]
    assert len(signs) == 2


def test_a_receipt_that_another_worker_regenerated_meanwhile_is_kept(
    seal: Seal, signs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build(seal)
    content, name = made.file.read(), str(made.file.name)
    made.file.close()
    made.file.storage.delete(name)
    run_meanwhile(monkeypatch, storage, "_lock", lambda: default_storage.save(name, ContentFile(content)))
    assert build(seal, LATER) == made
    assert (RemadeReceipt.objects.count(), _journal()) == (0, [])
    assert SignedReceipt.objects.get().file.read() == content
    assert len(signs) == 2


# -- Sending --------


def _headers(response: FileResponse | None) -> tuple[str, str, bytes]:
    assert response is not None
    return response["Content-Type"], response["Content-Disposition"], response.getvalue()


@pytest.mark.usefixtures("signs")
def test_receipts_are_downloaded_and_a_dossier_is_displayed_in_the_browser(seal: Seal) -> None:
    assert (downloads.receipt_response(seal), downloads.json_receipt_response(seal)) == (None, None)
    assert downloads.dossier_response(seal) is None
    made = build(seal)
    keep(seal)
    assert _headers(downloads.receipt_response(seal)) == (
        "application/pdf",
        f'attachment; filename="{NUMBER}_accuse.pdf"',
        b"%PDF signed at 2026-09-30T18:32:05+00:001",
    )
    assert _headers(downloads.json_receipt_response(seal)) == (
        "application/json",
        f'attachment; filename="{NUMBER}_accuse.json"',
        made.twin.encode(),
    )
    assert _headers(downloads.dossier_response(seal)) == (
        "application/pdf",
        f'inline; filename="{NUMBER}_Cote-L-Ecuyer_dossier.pdf"',
        FIRST,
    )


def _journal() -> list[tuple[int | None, str, str]]:
    return list(Entry.objects.order_by("pk").values_list("actor_id", "action", "detail"))


@pytest.fixture(autouse=True)
def said_by_the_portal_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
