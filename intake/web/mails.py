"""Mails as they are written: subject, text and HTML, from one file of `templates/mail/`."""

import re
import textwrap
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from django.conf import settings
from django.template import Context, Engine
from django.utils import translation

from .language import english_offered
from .mail_text import text_of_html

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

    The HTML has the subject as its title, and the text is made from it. In `language`, by default the portal's, never
    the thread's, then in English too if `in_english` and English is offered. The context also gets what
    `templates/mail/base.html` lists.
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
        html = Engine.get_default().get_template(f"mail/{name}.html").render(Context(full))
    return subject_of_html(html), wrap_text(text_of_html(html), length=length), html


def subject_of_html(html: str) -> str:
    """Return the title of a mail. Only ordinary white space is collapsed: French needs its non-breaking spaces."""
    title = html[html.index("<title>") + len("<title>") : html.index("</title>")]
    return re.sub(r"[ \t\r\n]+", " ", unescape(title)).strip()
