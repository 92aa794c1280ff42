"""Characters of a PDF: an emoji is drawn, a character without a font has its number, and each text is read back."""

import unicodedata
from pathlib import Path

import pikepdf
import pytest

from intake.dossiers import render
from intake.dossiers.child import pages
from tests.dossiers.pdf_reader import PdfReader

PAGE = """<!doctype html>
<html lang="fr-CA"><head><title>Titre {}</title>
<link rel="stylesheet" href="asset:pdf-fonts.css"><link rel="stylesheet" href="asset:pdf.css"></head>
<body><h1>Bonjour</h1><p>{}</p></body></html>"""


def draw(text: str, to: Path) -> PdfReader:
    """Draw `text` with the fonts of the portal, and read it back."""
    pages.render_pdf(PAGE.format(text, text), render._assets(), to)
    return PdfReader(to.read_bytes())


@pytest.mark.parametrize(
    "text, read",
    [
        ("Zoé 🎓, 🧿 et ✅", "Zoé 🎓, 🧿 et ✅"),
        ("👩‍🔬 au 🇨🇦", "👩‍🔬 au 🇨🇦"),
        ("1️⃣ puis 2", "1⃣ puis 2"),
        ("x\u0301 et x, e\u0323\u0301 et e", "x\u0301 et x, e\u0323\u0301 et e"),
        ("zone efficace, Đặng, Łódź", "zone efficace, Đặng, Łódź"),
        ("小明, \U00012345, \ue000", "[U+5C0F][U+660E], [U+12345], [U+E000]"),
    ],
)
def test_each_character_is_drawn_and_read_back(text: str, read: str, tmp_path: Path) -> None:
    found = draw(text, tmp_path / "drawn.pdf")
    assert found.problems == []
    (paragraph,) = found.document.of("P")
    assert unicodedata.normalize("NFC", paragraph.text) == unicodedata.normalize("NFC", read)
    with pikepdf.open(tmp_path / "drawn.pdf") as pdf:
        assert str(pdf.docinfo["/Title"]) == f"Titre {text}"


def test_emoji_come_from_the_font_of_the_portal(tmp_path: Path) -> None:
    draw("🎓 ✅", tmp_path / "drawn.pdf")
    with pikepdf.open(tmp_path / "drawn.pdf") as pdf:
        names = {
            str(node.BaseFont).partition("+")[2]
            for node in pdf.objects
            if isinstance(node, pikepdf.Dictionary) and "/BaseFont" in node
        }
    assert any(name.startswith("Noto-Emoji") for name in names)
