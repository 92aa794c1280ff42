"""File names are safe on every system, and recognisable to the person who uploaded them."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.documents.names import MAX_NAME_CHARACTERS, display_name, stored_name

PDF = "application/pdf"


@pytest.mark.parametrize(
    "name, media_type, stored",
    [
        ("cv.pdf", PDF, "cv.pdf"),
        ("Relevé de notes – été 2026.PDF", PDF, "Releve-de-notes-ete-2026.pdf"),
        (unicodedata.normalize("NFD", "Relevé.pdf"), PDF, "Releve.pdf"),
        ("L’œuvre d'Élodie.pdf", PDF, "L-oeuvre-d-Elodie.pdf"),
        ("Đặng–Þór Ǿrn.pdf", PDF, "Dang-THor-Orn.pdf"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("C:\\Users\\Zoé\\cv.pdf", PDF, "cv.pdf"),
        ("cv.pdf.exe", PDF, "cv.pdf"),
        ("photo.pdf", "image/jpeg", "photo.jpg"),
        ("photo.jpeg", "image/jpeg", "photo.jpg"),
        ("履歴書.pdf", PDF, "document.pdf"),
        ("سيرة.pdf", PDF, "document.pdf"),
        ("con.pdf", PDF, "document-con.pdf"),
        ("", PDF, "document.pdf"),
        ("....", PDF, "document.pdf"),
        ("cv\r\nX-Header: 1.pdf", PDF, "cv-X-Header-1.pdf"),
        ("a" * 300 + ".pdf", PDF, "a" * 116 + ".pdf"),
        ("virus.exe", None, "virus"),
        ("._-cv-_.pdf", PDF, "cv.pdf"),
        ("lpt9.x.y", "image/png", "document-lpt9.png"),
        ("comx.pdf", PDF, "comx.pdf"),
        ("a.longer6.pdf", PDF, "a.longer6.pdf"),
        ("x" * 121, None, "x" * 120),
    ],
)
def test_a_name_becomes_safe(name: str, media_type: str | None, stored: str) -> None:
    assert stored_name(name, media_type) == stored


@given(st.text(), st.sampled_from([PDF, "image/jpeg", "image/png", None]))
@example(name="cv‥:cv.pdf", media_type=PDF)
def test_every_name_is_short_plain_and_without_a_path(name: str, media_type: str | None) -> None:
    stored = stored_name(name, media_type)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", stored)
    assert len(stored) <= MAX_NAME_CHARACTERS
    assert ".." not in stored


@pytest.mark.parametrize(
    "name, shown",
    [
        ("Mon CV d’été 🌞.pdf", "Mon CV d’été 🌞.pdf"),
        ("..\\..\\cv.pdf", "cv.pdf"),
        ("cv\u202efdp.exe", "cvfdp.exe"),
        ("سيرة ذاتية.pdf", "سيرة ذاتية.pdf"),
        ("a" * 300 + ".pdf", "a" * 39 + "…" + "a" * 36 + ".pdf"),
        ("a/b\\ " + "x" * 80 + " ", "x" * 80),
        ("x" * 81, "x" * 39 + "…" + "x" * 40),
        ("e\u0301\u200b\x07.pdf", "é.pdf"),
    ],
)
def test_a_displayed_name_is_recognisable_and_harmless(name: str, shown: str) -> None:
    assert display_name(name) == shown
