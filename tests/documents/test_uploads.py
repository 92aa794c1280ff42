"""An accepted file becomes a row and three stored files that only views send; a refused file leaves nothing."""

import hashlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from intake.documents.downloads import file_response
from intake.documents.management.commands.inspect_upload import DEFAULT_PAGES
from intake.documents.models import Upload
from intake.documents.reasons import UploadRefused
from intake.documents.services import copy_received
from offers.models import DocumentRequest
from tests.factories.documents import AT, accept, make_upload, received
from tests.factories.files import HOSTILE, pdf_bytes, picture_bytes

MIB = 1024 * 1024
FILES = ("original", "file", "thumbnail", "small_thumbnail")


def stored_files() -> set[str]:
    return {
        f"{folder}/{name}"
        for folder in (Upload._meta.get_field(field).upload_to for field in FILES)  # type: ignore[union-attr]  # -- a FileField
        if default_storage.exists(folder)
        for name in default_storage.listdir(folder)[1]
    }


@pytest.mark.django_db
def test_an_accepted_file_is_stored_as_received_and_as_cleaned() -> None:
    content = HOSTILE["open-action-javascript"][0]()
    upload = Upload.objects.get(pk=accept(content, "Mon CV d’été.pdf").pk)
    assert (upload.original_name, upload.media_type, upload.pages) == (
        "Mon-CV-d-ete.pdf",
        "application/pdf",
        1,
    )
    assert (upload.size, upload.created_at) == (len(content), AT)
    assert upload.neutralised == ["JAVASCRIPT", "OPEN_ACTION"]
    assert upload.original.read() == content
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert upload.clean_sha256 == hashlib.sha256(upload.file.read()).hexdigest() != upload.sha256
    small = upload.small_thumbnail.read()
    assert small.startswith(b"\xff\xd8\xff")
    assert len(small) < len(upload.thumbnail.read())


@pytest.mark.django_db
def test_files_are_named_after_the_row_and_not_after_the_person() -> None:
    upload = accept(picture_bytes("PNG"), "tremblay-alex.png")
    for field in (getattr(upload, name) for name in FILES):
        assert upload.public_id.hex in str(field.name)
        assert "tremblay" not in str(field.name)
    assert str(upload.original.name).endswith(".png")
    assert str(upload.file.name).endswith(".pdf")


@pytest.mark.django_db
def test_a_refused_file_leaves_neither_row_nor_file() -> None:
    before = stored_files()
    with pytest.raises(UploadRefused) as refused:
        accept(b"", "vide.pdf")
    assert refused.value.code == "EMPTY"
    assert refused.value.reason.startswith("Ce fichier est vide.")
    assert not Upload.objects.exists()
    assert stored_files() == before


def test_an_upload_is_read_up_to_the_limit_whichever_size_is_declared(tmp_path: Path) -> None:
    content = pdf_bytes() + b"\0" * MIB
    sent = received(content)
    sent.size = 10
    digest = copy_received(sent, tmp_path / "received", max_bytes=1000)
    assert (tmp_path / "received").read_bytes() == content[:1001]
    assert digest == hashlib.sha256(content[:1001]).hexdigest()


@pytest.mark.django_db
def test_a_refusal_states_the_size_of_the_complete_file() -> None:
    with pytest.raises(UploadRefused) as refused:
        accept(b"\0" * (15 * MIB))
    assert "15 Mo" in refused.value.reason.replace("\u00a0", " ")


def test_each_kind_that_an_offer_asks_for_has_a_default_limit() -> None:
    assert set(DEFAULT_PAGES) == set(DocumentRequest.Kind)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "which, field, media_type, disposition",
    [
        ("clean", "file", "application/pdf", 'inline; filename="releve.pdf"'),
        ("thumbnail", "thumbnail", "image/jpeg", 'inline; filename="releve.jpg"'),
        ("small_thumbnail", "small_thumbnail", "image/jpeg", 'inline; filename="releve.jpg"'),
    ],
)
def test_a_file_is_served_with_headers_that_prevent_execution(
    which: str, field: str, media_type: str, disposition: str
) -> None:
    upload = make_upload(media_type="image/png", original_name="releve.png")
    upload.original.save("releve.png", ContentFile(b"as it was received"))
    kept = {name: default_storage.open(str(getattr(upload, name).name)).read() for name in FILES}
    assert len(set(kept.values())) == len(FILES)  # so that none is taken for what was received
    response = file_response(upload, which)  # type: ignore[arg-type]  # -- one of the literals above
    try:
        assert response["Content-Type"] == media_type
        assert response["Content-Disposition"] == disposition
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith("default-src 'none'; frame-ancestors 'self'")
        assert response["Cache-Control"] == "private, no-store"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.getvalue() == kept[field]
    finally:
        response.close()


@pytest.mark.django_db
def test_an_upload_without_a_small_thumbnail_serves_its_thumbnail() -> None:
    upload = make_upload()
    upload.small_thumbnail.delete(save=False)
    Upload.objects.filter(pk=upload.pk).update(small_thumbnail="")
    response = file_response(Upload.objects.get(pk=upload.pk), "small_thumbnail")
    assert response.getvalue() == default_storage.open(str(upload.thumbnail.name)).read()
    response.close()
