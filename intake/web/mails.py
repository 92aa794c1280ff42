"""Mails as they are written: subject, text and HTML, rendered from one file of `templates/mail/`."""

import re
import textwrap
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.template import Context, Engine
from django.utils import translation

from .language import english_offered

LINE_LENGTH: Final = 60  # characters of a line of plain text; a URL is never broken


def portal_url(path: str) -> str:
    """Return the absolute URL of a path of the portal."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def wrap_text(text: str, *, length: int = LINE_LENGTH) -> str:
    """Return `text` with every line wrapped between words, which are never broken, at `length` characters.

    Indentation is kept. There is at most one empty line in a row, and one line feed at the end.
    """
    lines: list[str] = []
    for line in text.strip("\n").splitlines():
        indent = line[: len(line) - len(line.lstrip(" "))]
        following = indent + ("  " if line.lstrip(" ").startswith("• ") else "")
        lines += textwrap.wrap(
            line.strip(" "),
            width=length,
            initial_indent=indent,
            subsequent_indent=following,
            break_long_words=False,
            break_on_hyphens=False,
        ) or ([""] if lines and lines[-1] else [])
    return "\n".join(lines) + "\n"


def render_mail(
    name: str,
    context: Mapping[str, Any],
    *,
    language: str | None = None,
    in_english: bool = False,
    length: int = LINE_LENGTH,
) -> tuple[str, str, str]:
    """Return the subject (one line), the text (wrapped at `length`) and the HTML of `templates/mail/<name>.html`.

    In `language`, by default the portal's, never the thread's, then in English too if `in_english` and English is
    offered. The context also gets what `templates/mail/base.html` lists.
    """
    in_english = in_english and english_offered()
    with translation.override(language or settings.LANGUAGE_CODE):
        language = translation.get_language()
        full = {
            "portal_name": settings.PORTAL_NAME,
            "site_url": portal_url(""),
            "contact_unit": settings.PORTAL_CONTACT_UNIT,
            "contact_email": settings.PORTAL_CONTACT_EMAIL,
            "language": language,
            "languages": [language, "en"] if in_english else [language],
            "in_english": in_english,
            **context,
        }
        # Collapse only ordinary white space: French needs its non-breaking spaces.
        subject = re.sub(r"[ \t\r\n]+", " ", _render(name, "base.subject.txt", full)).strip()
        text = wrap_text(_render(name, "base.txt", full), length=length)
        return subject, text, _render(name, "base.html", {**full, "subject": subject})


def _render(name: str, layout: str, context: Mapping[str, Any]) -> str:
    """Render what `layout` shows of a mail. In plain text an apostrophe must not become `&#x27;`."""
    return (
        Engine.get_default()
        .get_template(f"mail/{name}.html")
        .render(Context({**context, "layout": f"mail/{layout}"}, autoescape=layout.endswith(".html")))
    )
