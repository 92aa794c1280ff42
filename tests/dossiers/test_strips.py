"""Strips above the pages of documents: as wide as the page, with text that fits and can be read at its size."""

import io
import re

import pikepdf
import pytest

from tests.dossiers.pdf_reader import PdfReader
from tests.dossiers.pdf_samples import dossier
from tests.factories.files import pdf_bytes
from tests.factories.payloads import payload

SIZES = {
    "letter": (612, 792),
    "A4": (595, 842),
    "landscape": (842, 595),
    "narrow": (200, 500),
    "poster": (2384, 3370),
}
LABEL = "Un très long nom de document que l’offre demande et que rien ne raccourcit"


@pytest.fixture(scope="module")
def joined() -> bytes:
    """A dossier with a document of each size, two pages each."""
    return dossier(payload(), *[(LABEL, pdf_bytes(2, size=size), 2) for size in SIZES.values()])


def test_each_strip_is_as_wide_as_its_page_and_a_narrow_one_wider(joined: bytes) -> None:
    with pikepdf.open(io.BytesIO(joined)) as pdf:
        boxes = [[float(side) for side in page.mediabox] for page in pdf.pages][-10::2]
    sizes = [(right - left, top - bottom) for left, bottom, right, top in boxes]
    assert sizes == [(612, 792 + 28), (595, 842 + 28), (842, 595 + 39), (306, 500 + 28), (2384, 3370 + 109)]


def test_each_strip_names_its_document_and_its_page(joined: bytes) -> None:
    found = PdfReader(joined)
    with pikepdf.open(io.BytesIO(joined)) as pdf:
        last = len(pdf.pages)
    said = [" ".join(section.kids[0].text.split()) for section in found.document.of("Sect")]
    assert [text.startswith("Un très long nom") for text in said] == [True] * 10
    numbers = [text for page, kind, text in found.artifacts if kind == "Header" and page >= last - 10]
    assert [re.sub(r"\D+$", "", text) for text in numbers] == [
        f"2027-020-000123-N — page {page} sur {last}" for page in range(last - 9, last + 1)
    ]


def test_documents_and_their_pages_are_in_the_outline(joined: bytes) -> None:
    with pikepdf.open(io.BytesIO(joined)) as pdf, pdf.open_outline() as outline:
        cover, *documents = outline.root
        assert [item.title for item in cover.children] == [
            "L’offre",
            "Admissibilité, critère par critère",
            "Réponses déposées",
            "Déclarations acceptées",
            "Documents déposés",
        ]
        assert [(item.title, [kid.title for kid in item.children]) for item in documents] == [
            (LABEL, ["Page 2 sur 2"])
        ] * len(SIZES)
