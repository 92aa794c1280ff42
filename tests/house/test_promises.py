"""Each sentence that promises something to a candidate or to the public has a test that keeps it.

`promises.txt`: the test, then, indented, the sentences that it keeps; under `- REASON`, sentences with the words of a
promise that promise nothing. A sentence of the catalogue or of a mail that is not listed fails, and so does a line
that no page says any more. What staff read on their own pages is not in it; the mails to them are.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

ROOT: Final = Path(settings.BASE_DIR)
LIST: Final = Path(__file__).with_name("promises.txt")
CATALOGUE: Final = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"

_PRONOUNS: Final = r"(?:ne\s|n’|vous\s|l’|le\s|la\s|les\s|y\s|en\s)*"
PROMISES: Final = re.compile(
    rf"""
    \b[Nn]ous\s{_PRONOUNS}(?!avi?ons\b)\w+ons\b         # nous vous écrivons, nous gardons
    |\b[Vv]ous\s{_PRONOUNS}\w+rez\b|\b\w+(?:ra|ront)\b  # vous recevrez, il sera
    |(?<!epuis\s)toujours\b|\b(?:jamais|exactement|aussitôt|automatiquement|immédiatement)\b
    |\b(?:vous|personne|dépôt)\sseulement|seulement\s(?:à|alors|ce|si)\b|d’(?:elle|lui|eux|elles)-mêmes?
    |\b(?:dès\sque|dès\squ’|tant\sque|à\schaque|sans\sarrêt)|[Pp]ersonne\sne\b|impossible\sjusqu
    |[Rr]ien\sn’est\s(?:perdu|transmis|enregistré)\b|enregistre\srien\b|\b(?:conserv|gard)(?:e|ée?s?)\b|[Aa]ussi\senvoyé|courriel\s(?:vous\s)?(?:le\s)?confirme
    |\b(?:pendant|en\smoins\sde|d’ici|dans\sles?)\s(?:\d|\w+\s(?:minute|heure|jour|mois))|dans\squelques\sminutes
    """,
    re.VERBOSE,
)
_OF_STAFF: Final = re.compile(
    r"templates/(?:review|admin|outbox|privacy/(?:officers|retention))|offers/(?!urls)|intake/(?:review|outbox|register"
    r"|operations|devtools|journal|wiring|privacy/(?:officers|retention)|accounts/change_forms"
    r"|submissions/(?:extensions|offer_changes|rulings|journal_actions))"
)
"""Sources whose sentences only staff read."""


def _sentences_in(text: str) -> list[str]:
    """Split a text of the catalogue or of a mail; `…` stands for a value."""
    text = re.sub(r"\{%.*?%\}|\{#.*?#\}|<[^>]+>", "", text)
    text = re.sub(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}|\{\w*\}", "…", text)
    return re.split(r"(?<=[.!?])\s+", " ".join(text.replace("\u00a0", " ").split()))


def _texts() -> Iterator[str]:
    with CATALOGUE.open("rb") as file:
        for message in read_po(file):
            if message.id and not all(_OF_STAFF.match(name) for name, _line in message.locations):
                yield from [message.id] if isinstance(message.id, str) else message.id
    for path in sorted((ROOT / "templates" / "mail").glob("*.html")):
        template = path.read_text(encoding="utf-8")
        if "translate" not in template:  # its French never reaches the catalogue
            yield re.sub(r"\{% comment.*?endcomment %\}", "", template, flags=re.DOTALL)


@cache
def _promising() -> frozenset[str]:
    return frozenset(
        sentence for text in _texts() for sentence in _sentences_in(text) if PROMISES.search(sentence)
    )


def _listed() -> Iterator[tuple[str, str]]:
    """Yield each sentence of the list with the test, or the reason after `- `, under which it stands."""
    keeper = ""
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if not line.startswith("  "):
            keeper = line
        else:
            yield line.strip(), keeper


@cache
def _tests_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_each_sentence_that_promises_is_listed_and_each_line_is_a_sentence() -> None:
    listed = [sentence for sentence, _keeper in _listed()]
    assert len(listed) == len(set(listed))
    assert {"unlisted": _promising() - set(listed), "said no more": set(listed) - _promising()} == {
        "unlisted": set(),
        "said no more": set(),
    }


def test_each_promise_has_a_test_that_exists() -> None:
    keepers = {keeper for _sentence, keeper in _listed() if not keeper.startswith("- ")}
    missing = [
        keeper
        for keeper in keepers
        for path, name in [keeper.split("::")]
        if not (ROOT / path).is_file() or name not in _tests_of(path)
    ]
    assert missing == []


@pytest.mark.parametrize(
    "text, found",
    [
        ("Nous vous écrirons.", True),
        ("Vous les recevrez en moins de deux minutes.", True),
        ("Rien n’est perdu sur cette page.", True),
        ("Aussi envoyé à %(to)s.", True),
        ("Nous avons reçu votre fichier. Ouvrez-le.", False),
        ("Le comité étudie votre dossier.", False),
    ],
)
def test_each_verb_of_a_promise_is_found(text: str, *, found: bool) -> None:
    assert any(PROMISES.search(sentence) for sentence in _sentences_in(text)) is found
