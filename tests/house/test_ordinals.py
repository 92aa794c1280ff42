"""`1<sup>er</sup>` is in the text of pages only: a title, an attribute or an option has `1er`, without tags."""

import re
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

FOLDER: Final = Path(settings.TEMPLATES[0]["DIRS"][0])
_PIECE: Final = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
_RAISING: Final = re.compile(r"\|(?:day|instant|deadline|ordinals)\b(?!(?::\"\w+\")?\|striptags)|{% period")
_PLAIN: Final = re.compile(
    r"<(title|option|textarea)\b.*?</\1>|<[a-z][^>]*>|{% block title %}.*?{% endblock %}", re.DOTALL
)


def _raised_in_plain_text(source: str) -> list[str]:
    """Return the pieces of a template that write HTML in an attribute, a title, an option or a text area."""
    # A piece may contain quotation marks and `>`; the names of blocks stay.
    shown = _PIECE.sub(lambda found: found[0] if "block" in found[0] else "x" * len(found[0]), source)
    plain = [found.span() for found in _PLAIN.finditer(shown)]
    return [
        piece[0]
        for piece in _PIECE.finditer(source)
        if _RAISING.search(piece[0]) and any(start <= piece.start() < end for start, end in plain)
    ]


def test_no_date_of_an_attribute_or_a_title_has_tags() -> None:
    sources = {str(path.relative_to(FOLDER)): path.read_text("utf-8") for path in FOLDER.rglob("*.html")}
    found = {name: _raised_in_plain_text(source) for name, source in sources.items()}
    assert {name: pieces for name, pieces in found.items() if pieces} == {}
    assert sum(bool(_RAISING.search(source)) for source in sources.values()) > 50


@pytest.mark.parametrize(
    "source, faulty",
    [
        ('<p title="{{ a|day }}">', True),
        ('<p title="{{ a|instant:"secondes" }}">', True),
        ('<p title="{{ a|instant:"secondes"|striptags }}">{{ a|day }}</p>', False),
        ('<p aria-label="{% blocktranslate with day=a|day %}le {{ day }}{% endblocktranslate %}">', True),
        ('<p {% if a > 1 %}class="x"{% endif %}>{{ a|deadline }}</p>', False),
        ("<option>{{ a|day }}</option>", True),
        ("{% block title %}{{ a|day }}{% endblock %}", True),
        ("{% block title %}{{ a }}{% endblock %}{{ a|day }}{% block content %}{% endblock %}", False),
    ],
)
def test_a_date_with_tags_in_plain_text_is_found(source: str, *, faulty: bool) -> None:
    assert bool(_raised_in_plain_text(source)) is faulty
