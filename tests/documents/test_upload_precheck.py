"""Precheck of a size and of first bytes before upload: the same messages as the inspection, and no stricter."""

import pytest

from intake.documents.child.inspect import HEAD_BYTES
from intake.documents.reasons import UploadRefused
from intake.documents.services import precheck_upload
from tests.documents.corpus.polyglots import CASES
from tests.documents.test_uploads import MIB
from tests.factories.documents import accept
from tests.factories.files import pdf_bytes, picture_bytes

OTHERS = {case.name: case.build for case in CASES if case.family == "another type"}


@pytest.mark.parametrize(
    "head",
    [b"", pdf_bytes(), b"\r\n" + pdf_bytes(), picture_bytes(), picture_bytes("PNG"), picture_bytes("HEIF")],
    ids=["not sent", "PDF", "PDF after a line", "JPEG", "PNG", "HEIC"],
)
def test_the_precheck_accepts_what_begins_as_a_document(head: bytes) -> None:
    precheck_upload(head=head[:HEAD_BYTES], size=10 * MIB, max_bytes=10 * MIB)


@pytest.mark.parametrize(
    "name, words",
    [
        ("word processor named cv.pdf", "archive"),
        ("old word processor named cv.doc.pdf", "traitement de texte"),
        ("TIFF named photo.jpg", "Cette sorte d’image"),
        ("AVIF named photo.jpg", "Cette sorte d’image"),
        ("page named cv.pdf", "page web"),
        ("program of Windows named cv.pdf", "application"),
        ("text named cv.pdf", "ni un PDF"),
    ],
)
def test_the_precheck_refuses_other_types_with_a_remedy(name: str, words: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        precheck_upload(head=OTHERS[name]()[:HEAD_BYTES], size=1, max_bytes=10 * MIB)
    assert refused.value.code == "NOT_ACCEPTED_TYPE"
    assert words in refused.value.reason


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"\0" * (MIB + 1)])
def test_the_precheck_refuses_a_size_with_the_message_of_the_inspection(content: bytes) -> None:
    with pytest.raises(UploadRefused) as announced:
        precheck_upload(head=content[:HEAD_BYTES], size=len(content), max_bytes=MIB)
    with pytest.raises(UploadRefused) as inspected:
        accept(content, max_bytes=MIB)
    assert (announced.value.code, announced.value.reason) == (inspected.value.code, inspected.value.reason)
