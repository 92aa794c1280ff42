"""Characters of a PDF: an emoji is drawn, a character without a font has its number, and each text is read back."""

import unicodedata
from pathlib import Path

import pikepdf
import pytest

from intake.dossiers import render
from intake.dossiers.child import pages
from intake.dossiers.other_scripts import fonts_for, style_of
from tests.dossiers.pdf_reader import PdfReader

PAGE = """<!doctype html>
<html lang="fr-CA"><head><title>Titre {}</title>
<link rel="stylesheet" href="asset:pdf-fonts.css"><link rel="stylesheet" href="asset:pdf.css">
<style>{}</style></head>
<body><h1>Bonjour</h1><p>{}</p></body></html>"""


def draw(text: str, to: Path) -> PdfReader:
    """Draw `text` with the fonts of the portal, and read it back."""
    others = fonts_for(text)
    assets = render._assets() | {name: str(path) for name, path in others.items()}
    pages.render_pdf(PAGE.format(text, style_of(list(others)), text), assets, to)
    return PdfReader(to.read_bytes())


@pytest.mark.parametrize(
    "text, read",
    [
        ("Zoé 🎓, 🧿 et ✅", "Zoé 🎓, 🧿 et ✅"),
        ("👩‍🔬 au 🇨🇦", "👩‍🔬 au 🇨🇦"),
        pytest.param("1️⃣ puis 2", "1⃣ puis 2", marks=pytest.mark.full),
        pytest.param(
            "x\u0301 et x, e\u0323\u0301 et e", "x\u0301 et x, e\u0323\u0301 et e", marks=pytest.mark.full
        ),
        pytest.param("zone efficace, Đặng, Łódź", "zone efficace, Đặng, Łódź", marks=pytest.mark.full),
        ("王小明 (陳怡君), 佐々木 さくら カナ, 김민준", "王小明 (陳怡君), 佐々木 さくら カナ, 김민준"),
        ("अनुष्का झा", "अनुष्का झा"),
        # Of private use: no font of any machine has them.
        ("\ue000, \U000f1234", "[U+E000], [U+F1234]"),
    ],
)
def test_each_character_is_drawn_and_read_back(text: str, read: str, tmp_path: Path) -> None:
    found = draw(text, tmp_path / "drawn.pdf")
    assert found.problems == []
    (paragraph,) = found.document.of("P")
    assert unicodedata.normalize("NFC", paragraph.text) == unicodedata.normalize("NFC", read)
    with pikepdf.open(tmp_path / "drawn.pdf") as pdf:
        assert str(pdf.docinfo["/Title"]) == f"Titre {text}"
