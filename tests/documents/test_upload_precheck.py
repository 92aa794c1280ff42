"""Precheck of a name and a size before upload: the same messages as the inspection, and no stricter."""

import pytest

from intake.documents.reasons import UploadRefused
from intake.documents.services import precheck_upload
from tests.documents.test_uploads import MIB
from tests.factories.documents import accept


@pytest.mark.parametrize(
    "name", ["cv.pdf", "CV.PDF", "photo.jpeg", "cv", "cv.2027", "été 🌞.png", ".pdf", "cv.docx.pdf"]
)
def test_the_precheck_accepts_names_that_may_be_documents(name: str) -> None:
    precheck_upload(name=name, size=10 * MIB, max_bytes=10 * MIB)


@pytest.mark.parametrize(
    "name, words",
    [
        ("cv.docx", "traitement de texte"),
        ("CV.DOCX", "traitement de texte"),
        ("photo.heic", "HEIC"),
        ("tout.zip", "archive"),
        ("scan.tiff", "Cette sorte d’image"),
        ("page.html", "page web"),
        ("jeu.exe", "application"),
        ("notes.txt", "ni un PDF"),
    ],
)
def test_the_precheck_refuses_other_types_with_a_remedy(name: str, words: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        precheck_upload(name=name, size=1, max_bytes=10 * MIB)
    assert refused.value.code == "NOT_ACCEPTED_TYPE"
    assert words in refused.value.reason


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"\0" * (MIB + 1)])
def test_the_precheck_refuses_a_size_with_the_message_of_the_inspection(content: bytes) -> None:
    with pytest.raises(UploadRefused) as announced:
        precheck_upload(name="cv.pdf", size=len(content), max_bytes=MIB)
    with pytest.raises(UploadRefused) as inspected:
        accept(content, max_bytes=MIB)
    assert (announced.value.code, announced.value.reason) == (inspected.value.code, inspected.value.reason)
