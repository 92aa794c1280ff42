"""The demonstration's documents are valid PDFs in correct French."""

import re
from datetime import date
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf
import pypdfium2
import pytest

from intake.devtools.demonstration.sample_texts import document_for
from intake.devtools.sample_pdf import HEADING, TEXT, make_pdf
from intake.documents.child.pdf import clean
from intake.dossiers.child.merge import fonts_of, is_sound


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


@pytest.mark.parametrize("kind", ["CV", "MOTIVATION_LETTER", "TRANSCRIPT", "ENROLMENT_PROOF"])
def test_a_sample_document_embeds_its_fonts(kind: str, tmp_path: Path) -> None:
    """Else its dossier would not be declared as PDF/UA-1, nor look the same everywhere."""
    offer: Any = SimpleNamespace(starts_on=date(2027, 1, 11))
    title, blocks = document_for(kind, offer)
    (tmp_path / "sent").write_bytes(make_pdf(title=title, blocks=blocks))
    pages, _removed = clean(tmp_path / "sent", tmp_path / "clean.pdf", max_pages=3)
    with pikepdf.open(tmp_path / "clean.pdf") as cleaned:
        fonts = [font for page in cleaned.pages for font in fonts_of(page.obj)]
        assert len(fonts) >= pages
        assert [str(font.BaseFont) for font in fonts if not is_sound(font)] == []


def test_the_file_is_well_formed_and_has_its_title() -> None:
    with pikepdf.open(
        BytesIO(make_pdf(title="Preuve d’inscription", blocks=[(TEXT, "Bonjour.")]))
    ) as document:
        assert document.check_pdf_syntax() == []
        assert str(document.docinfo["/Title"]) == "Preuve d’inscription"
        assert str(document.Root.Lang) == "fr-CA"
