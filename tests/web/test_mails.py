"""Composition of a mail: one subject, short lines of text, and an HTML part without external resources."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from intake.web.mails import render_mail, wrap_text

LONG = "https://stages.exemple.invalid/candidatures/0190c3c5-7c1e-7b2a-9c1e-2f6f6b0d9a11/accuse/"


@pytest.mark.parametrize(
    "text, wrapped",
    [
        ("", "\n"),
        ("\n\nun\n\n\n\ndeux\n\n", "un\n\ndeux\n"),
        ("aaaa bbbb cccc", "aaaa bbbb\ncccc\n"),
        ("  aaaa bbbb cccc", "  aaaa bbbb\n  cccc\n"),
        ("• aaaa bbbb cccc", "• aaaa bbbb\n  cccc\n"),
        ("  • aa bbbb cccc", "  • aa bbbb\n    cccc\n"),
        ("aaaa\u00a0bbbb cccc", "aaaa\u00a0bbbb\ncccc\n"),
        ("https://exemple.invalid/une-adresse x", "https://exemple.invalid/une-adresse\nx\n"),
        ("aaaa-bbbb-cccc", "aaaa-bbbb-cccc\n"),
        ("un  \n   \ndeux", "un\n\ndeux\n"),
    ],
)
def test_a_line_of_a_mail_is_wrapped_at_spaces(text: str, wrapped: str) -> None:
    assert wrap_text(text, length=11) == wrapped
    assert wrap_text("a" * 30 + " " + "b" * 29) == "a" * 30 + " " + "b" * 29 + "\n"
    assert wrap_text("a" * 30 + " " + "b" * 30) == "a" * 30 + "\n" + "b" * 30 + "\n"


@pytest.fixture
def letter_templates(tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "essai.html").write_text(
        "{% extends 'mail/base.html' %}{% load i18n %}"
        "{% block subject %}{{ number }}\u00a0: déposée\n  à temps\n{% endblock %}"
        "{% block title %}Déposée{% endblock %}"
        "{% block html %}<p>Bonjour {{ name }},</p>"
        "<p>{% translate 'Oui' %}, le {{ day|date:'j F Y' }}.</p>{% endblock %}"
    )
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]
    return folder


@pytest.mark.usefixtures("letter_templates")
def test_text_is_not_escaped_and_html_is() -> None:
    subject, text, html = render_mail(
        "essai",
        {"number": "2027-020", "name": "Zoé <d’Août> & l'Île", "day": datetime(2027, 8, 5, 15, tzinfo=UTC)},
    )
    assert subject == "2027-020\u00a0: déposée à temps"
    assert "Bonjour Zoé <d’Août> & l'Île," in text
    assert "5 août 2027" in text
    assert "&lt;d’Août&gt; &amp;" in html


@pytest.mark.usefixtures("letter_templates")
def test_the_html_part_loads_no_external_resource() -> None:
    _subject, _text, html = render_mail("essai", {"number": "1", "name": "a", "day": None})
    for asked in ("<img", "url(", "<link", "<script", "@import", "src="):
        assert asked not in html
    assert "prefers-color-scheme: dark" in html
    assert '<html lang="fr"' in html


@pytest.mark.usefixtures("letter_templates")
def test_english_follows_in_each_part_and_the_caller_s_language_has_no_effect(settings: Settings) -> None:
    given = {"number": "1", "name": "Zoé", "day": datetime(2027, 8, 5, 15, tzinfo=UTC)}
    with translation.override("en"):
        french, english = render_mail("essai", given), render_mail("essai", given, language="en")
        subject, text, html = render_mail("essai", given, in_english=True)
    assert subject == f"{french[0]} / {english[0]}"
    parts = [each[1].partition("\n--\n") for each in (french, english)]
    assert text.partition("\n--\n")[0] == f"(English follows)\n\n{parts[0][0]}\n----\n\n{parts[1][0]}"
    contacts = [contact.split("\n\n")[0] for _text, _line, contact in parts]
    assert text.partition("\n--\n")[2].startswith("\n\n".join(contacts))
    assert [part.count("Oui, le 5 août 2027") for part in (*french[1:], text, html)] == [1, 1, 1, 1]
    assert [part.count("Yes, le 5 August 2027") for part in (*english[1:], text, html)] == [1, 1, 1, 1]
    assert [html.count('<html lang="fr"'), html.count('<div lang="en">')] == [1, 3]
    settings.ENGLISH_OFFERED = False
    assert render_mail("essai", given, in_english=True) == french
