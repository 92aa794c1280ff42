"""Composition of a mail: one subject, short lines of text, and an HTML part without external resources."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import TemplateDoesNotExist
from pytest_django import Settings

from intake.outbox.letters import LINE_LENGTH, render_letter, wrap_text

LONG = "https://stages.exemple.invalid/candidatures/0190c3c5-7c1e-7b2a-9c1e-2f6f6b0d9a11/accuse/"


def test_lines_are_cut_between_words_at_sixty_characters() -> None:
    text = wrap_text("Votre candidature a bien été déposée. " * 6)
    assert max(len(line) for line in text.splitlines()) <= LINE_LENGTH
    assert " ".join(text.split()) == " ".join(("Votre candidature a bien été déposée. " * 6).split())


def test_an_address_is_never_cut() -> None:
    assert LONG in wrap_text(f"Voir votre accusé : {LONG} avant la date limite.").splitlines()


def test_non_breaking_spaces_hold() -> None:
    text = wrap_text("mot " * 13 + "mot 15\u00a0000\u00a0$ fin")
    assert "15\u00a0000\u00a0$" in text
    assert max(len(line) for line in text.splitlines()) <= LINE_LENGTH


def test_bullets_keep_their_indent_and_empty_lines_stay_single() -> None:
    text = wrap_text("\n\nÀ faire\n\n\n\n  • " + "lire " * 20 + "\nfin")
    lines = text.splitlines()
    assert lines[:2] == ["À faire", ""]
    assert lines[2].startswith("  • lire")
    assert lines[3].startswith("    lire")
    assert text.endswith("fin\n")


@pytest.fixture
def letter_templates(tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "essai.subject.txt").write_text("{{ number }}\u00a0: déposée\n  à temps\n")
    (folder / "essai.txt").write_text(
        '{% extends "mail/base.txt" %}{% load i18n %}{% block content %}Bonjour {{ name }},\n\n'
        "Déposée le {{ day|date:'j F Y' }}.{% endblock %}"
    )
    (folder / "essai.html").write_text(
        '{% extends "mail/base.html" %}{% block content %}<h1>Déposée</h1><p>{{ name }}</p>{% endblock %}'
    )
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]
    return folder


@pytest.mark.usefixtures("letter_templates")
def test_text_is_not_escaped_and_html_is() -> None:
    subject, text, html = render_letter(
        "essai",
        {"number": "2027-020", "name": "Zoé <d’Août> & l'Île", "day": datetime(2027, 8, 5, 15, tzinfo=UTC)},
    )
    assert subject == "2027-020\u00a0: déposée à temps"
    assert "Bonjour Zoé <d’Août> & l'Île," in text
    assert "5 août 2027" in text
    assert "&lt;d’Août&gt; &amp;" in html
    assert f"<title>{subject}</title>" in html


@pytest.mark.usefixtures("letter_templates")
def test_the_html_twin_asks_for_nothing_from_outside() -> None:
    _subject, _text, html = render_letter("essai", {"number": "1", "name": "a", "day": None})
    for asked in ("<img", "url(", "<link", "<script", "@import", "src="):
        assert asked not in html
    assert "prefers-color-scheme: dark" in html
    assert '<html lang="fr"' in html


def test_a_letter_without_its_three_templates_is_refused() -> None:
    with pytest.raises(TemplateDoesNotExist):
        render_letter("rien", {})
