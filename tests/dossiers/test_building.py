"""A dossier is made once per seal, stored with its digest, and sent under a recognisable file name."""

import hashlib
from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from intake.dossiers.downloads import MAX_NAME_CHARACTERS, dossier_name
from intake.dossiers.models import Dossier, Seal
from intake.dossiers.services import AlteredError, AnonymisedError, FiledPart, build_dossier
from tests.dossiers.in_process import draw_in_process
from tests.dossiers.test_render import texts
from tests.factories.documents import AT, active_parts, make_upload
from tests.factories.payloads import payload, person, seal_payload
from tests.factories.people import make_user

NUMBER = "2027-020-000123-N"


@pytest.fixture
def drawn_here() -> Iterator[None]:
    """Draw in this process: these tests check what is stored."""
    with draw_in_process():
        yield


@pytest.fixture
def seal(db: None) -> Iterator[Seal]:
    del db
    yield seal_payload(payload=payload(), at=AT)
    default_storage.delete(f"dossiers/{NUMBER}.pdf")


def build(seal: Seal, *parts: FiledPart) -> Dossier:
    return build_dossier(seal=seal, number=NUMBER, received_at=AT, parts=parts, at=AT)


def test_a_dossier_is_kept_with_its_digest_and_size(seal: Seal) -> None:
    owner = make_user()
    default_storage.save(f"dossiers/{NUMBER}.pdf", ContentFile(b"left by a kill"))
    parts = [
        FiledPart(label="Curriculum vitæ", upload=make_upload(owner, pages=2)),
        FiledPart(label="Lettre de motivation", upload=make_upload(owner)),
    ]
    made = Dossier.objects.get(pk=build(seal, *parts).pk)
    content = made.file.read()
    assert made.file.name == f"dossiers/{NUMBER}.pdf"
    assert made.sha256 == hashlib.sha256(content).hexdigest()
    assert made.size == len(content)
    assert (made.number, made.built_at) == (NUMBER, AT)
    assert (made.pages, made.starts) == (6, [4, 6])
    assert active_parts(content) == []


@pytest.mark.usefixtures("drawn_here")
def test_an_unavailable_document_delays_the_dossier(seal: Seal) -> None:
    upload = make_upload()
    name = str(upload.file.name)
    content = default_storage.open(name).read()
    default_storage.delete(name)
    with pytest.raises(FileNotFoundError):
        build(seal, FiledPart(label="Curriculum vitæ", upload=upload))
    assert not Dossier.objects.exists()
    default_storage.save(name, ContentFile(content))
    made = build(seal, FiledPart(label="Curriculum vitæ", upload=upload))
    assert "Ce document n’est pas dans le dossier" not in "".join(texts(made.file.read()))
    assert made.pages == 4


@pytest.mark.usefixtures("drawn_here")
def test_an_unreadable_document_is_replaced_and_logged_as_an_error(
    seal: Seal, caplog: pytest.LogCaptureFixture
) -> None:
    whole, broken = make_upload(), make_upload()
    default_storage.delete(str(broken.file.name))
    default_storage.save(str(broken.file.name), ContentFile(b"%PDF-1.7 rien"))
    parts = [FiledPart(label="Curriculum vitæ", upload=whole), FiledPart(label="Lettre", upload=broken)]
    assert build(seal, *parts).pages == 5
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert f"receipt {NUMBER}, 1 of 2 documents are replaced" in record.getMessage()
    assert "Lettre" not in caplog.text


@pytest.mark.django_db
def test_an_altered_or_anonymised_seal_yields_no_dossier(seal: Seal) -> None:
    altered = Seal.objects.get(pk=seal.pk)
    altered.canonical = (altered.canonical or "").replace("Côté", "Coté")
    with pytest.raises(AlteredError):
        build(altered)
    altered.canonical = altered.salt = None
    with pytest.raises(AnonymisedError):
        build(altered)
    assert not Dossier.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "last_name, expected",
    [
        ("Tremblay", f"{NUMBER}_Tremblay_dossier.pdf"),
        ("王", f"{NUMBER}_dossier.pdf"),
        ("../../etc", f"{NUMBER}_.-.-etc_dossier.pdf"),
        ("L" * 300, f"{NUMBER}_{'L' * 90}_dossier.pdf"),
    ],
)
def test_the_file_name_is_safe_for_any_family_name(last_name: str, expected: str) -> None:
    seal = seal_payload(payload=payload(person=person(last_name=last_name)), at=AT)
    name = dossier_name(Dossier(number=NUMBER), seal)
    assert name == expected
    assert len(name) <= MAX_NAME_CHARACTERS


def test_the_name_of_an_anonymised_dossier_is_its_number() -> None:
    erased = Seal(digest="sha256:" + "0" * 64, schema=1, canonical=None, salt=None, created_at=AT)
    assert dossier_name(Dossier(number=NUMBER), erased) == f"{NUMBER}_dossier.pdf"
