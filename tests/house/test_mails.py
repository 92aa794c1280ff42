"""Each mail is one template with a subject, a text and HTML, which say the same in the same states."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.template import Engine
from django.utils import translation

from tests.house.template_stand_ins import Answers, render, use_stand_ins
from tests.house.template_states import questions

FOLDER: Final = Path(settings.TEMPLATES[0]["DIRS"][0]) / "mail"
SHARED: Final = {"base.html", "decision.html", "filed.html"}
"""Templates that are not a mail: the layout, and what several mails contain."""
NAMES: Final = sorted(path.stem for path in FOLDER.glob("*.html") if path.name not in SHARED)
LAYOUTS: Final = ("base.subject.txt", "base.txt", "base.html")


@pytest.fixture(scope="module", autouse=True)
def stand_ins() -> Iterator[None]:
    with use_stand_ins(alone=False), translation.override("fr"):
        yield
    for loader in Engine.get_default().template_loaders:
        loader.reset()  # nodes compiled with stand-ins must not reach other tests


def _rendered(name: str, layout: str) -> str:
    """Return what `layout` shows of a mail if all its conditions are true."""
    template = Engine.get_default().get_template(f"mail/{name}.html")
    return render(template, Answers(otherwise=True), escaped=False, **_frame(layout)).strip()


def _frame(layout: str) -> dict[str, object]:
    return {"layout": f"mail/{layout}", "languages": ["fr"], "language": "fr", "in_english": False}


def test_the_folder_of_mails_has_layouts_and_mails_only() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.html" for name in NAMES} | SHARED | {
        *LAYOUTS
    }


def test_each_mail_has_a_subject_a_text_and_a_heading() -> None:
    shown = {name: [_rendered(name, layout) for layout in LAYOUTS] for name in NAMES}
    assert {
        name for name, (subject, _text, _html) in shown.items() if not subject or "\n" in subject
    } == set()
    assert {name for name, (_subject, text, _html) in shown.items() if text.startswith("--")} == set()
    assert {name for name, (_subject, _text, html) in shown.items() if html.count("<h1>") != 1} == set()


def test_a_mail_says_in_html_what_its_text_says_in_the_same_states() -> None:
    asked = {
        name: [
            questions(Engine.get_default().get_template(f"mail/{name}.html"), **_frame(layout))
            for layout in LAYOUTS[1:]
        ]
        for name in NAMES
    }
    # A heading is lower in the second language of a mail.
    unlike = {
        name: text ^ html for name, (text, html) in asked.items() if (text ^ html) - {"lang == language"}
    }
    assert unlike == {}
