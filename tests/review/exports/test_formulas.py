"""S10 (`docs/targets.md`): a spreadsheet never computes text of an export, and the text stays readable."""

import pytest

from intake.review.exports.csv_file import looks_like_formula, neutralise


@pytest.mark.parametrize(
    "text, written",
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\ttexte", "'\ttexte"),
        ("  =1+1", "'  =1+1"),
        ("\u00a0=1+1", "'\u00a0=1+1"),
        ("\ufeff=1+1", "'\ufeff=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ('"=1+1"', '\'"=1+1"'),
        ("Dupont;=1+1", "Dupont;'=1+1"),
        ('Dupont;"=1+1"', 'Dupont;\'"=1+1"'),
        ("Dupont\n=1+1", "Dupont\n'=1+1"),
        ("Dupont|@x", "Dupont|'@x"),
        ("-Ève", "'-Ève"),
        ("+33 1 45 68 10 00", "'+33 1 45 68 10 00"),
    ],
)
def test_a_text_that_a_spreadsheet_could_compute_gets_an_apostrophe(text: str, written: str) -> None:
    assert looks_like_formula(text)
    assert neutralise(text) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ève",
        "Jean-Ève",
        "O’Neil",
        "Tremblay-Nguyễn",
        "418 555-0199",
        "nom@exemple.invalid",
        "Tremblay, Ève",
        "1+1=2",
        "Éthique, Université d’essai; Droit, Université d’essai",
        "'-Ève",
    ],
)
def test_a_text_that_no_spreadsheet_computes_is_unchanged(text: str) -> None:
    assert not looks_like_formula(text)
    assert neutralise(text) == text


@pytest.mark.parametrize("text", ["=1+1", 'x;"=1', "\t=1", "-Ève", "a\n\n+1"])
def test_neutralising_a_text_twice_leaves_no_formula(text: str) -> None:
    once = neutralise(text)
    # A leading tab keeps its apostrophe; no formula remains.
    assert neutralise(once) == once
