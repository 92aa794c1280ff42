"""The demonstration's documents are valid PDFs in correct French."""

import re
from io import BytesIO

import pikepdf
import pypdfium2

from intake.devtools.sample_pdf import HEADING, TEXT, make_pdf


def text_of(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(BytesIO(content))
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return texts


def test_french_letters_and_signs_are_kept() -> None:
    words = "L’œuvre de Zoé (1 \\ 2) — « déjà »"
    (page,) = text_of(make_pdf(title="Relevé de notes", blocks=[(HEADING, "Été"), (TEXT, words)]))
    assert "Relevé de notes" in page
    assert words.replace("\u00a0", " ") in page.replace("\u00a0", " ")


def test_long_documents_continue_on_more_pages_without_loss() -> None:
    pages = text_of(make_pdf(title="Long", blocks=[(TEXT, f"mot{number} " * 60) for number in range(40)]))
    assert len(pages) > 2
    found = re.findall(r"mot(\d+)", " ".join(pages))
    assert [int(number) for number in dict.fromkeys(found)] == list(range(40))
    assert len(found) == 40 * 60


def test_the_file_is_well_formed_and_has_its_title() -> None:
    with pikepdf.open(
        BytesIO(make_pdf(title="Preuve d’inscription", blocks=[(TEXT, "Bonjour.")]))
    ) as document:
        assert document.check_pdf_syntax() == []
        assert str(document.docinfo["/Title"]) == "Preuve d’inscription"
        assert str(document.Root.Lang) == "fr-CA"
