"""Letters: the content of a mail, rendered from three templates before it is sent."""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.template import Context, loader
from django.utils import translation

LINE_LENGTH: Final = 60  # characters of a line of plain text; a URL is never broken


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file sent with a letter, as a reference to a storage (setting `STORAGES`)."""

    storage_name: str
    filename: str
    media_type: str
    storage_alias: str = "default"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person: plain text, and an HTML version if there is one."""

    to: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


def wrap_text(text: str, *, length: int = LINE_LENGTH) -> str:
    """Return `text` with every line wrapped between words at `length` characters; indentation is kept.

    Words are never broken, so a URL longer than a line stays intact, and lines never break at a non-breaking space.
    There is at most one empty line in a row, and one line feed at the end.
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


def render_letter(
    template_base: str, context: Mapping[str, Any], *, language: str | None = None
) -> tuple[str, str, str]:
    """Return the subject, the text and the HTML of `templates/mail/<template_base>.{subject.txt,txt,html}`.

    Subject and text are not escaped; the text is wrapped at `LINE_LENGTH`; the subject is one line. The context also
    gets `portal_name`, `site_url`, `contact_unit` and `contact_email`. Dates and strings are in `language`, by default
    the portal's; the language that is active in the caller's thread has no effect.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        full = {
            "portal_name": settings.PORTAL_NAME,
            "site_url": settings.SITE_URL.rstrip("/"),
            "contact_unit": settings.PORTAL_CONTACT_UNIT,
            "contact_email": settings.PORTAL_CONTACT_EMAIL,
            "language": translation.get_language(),
            **context,
        }
        # Collapse only ordinary white space: French needs its non-breaking spaces.
        subject = re.sub(r"[ \t\r\n]+", " ", _render_plain(f"mail/{template_base}.subject.txt", full)).strip()
        text = wrap_text(_render_plain(f"mail/{template_base}.txt", full))
        html = loader.render_to_string(f"mail/{template_base}.html", {**full, "subject": subject})
    return subject, text, html


def _render_plain(name: str, context: Mapping[str, Any]) -> str:
    """Render a plain text template: an apostrophe in a name must not become `&#x27;`."""
    template: Any = loader.get_template(name)
    return str(template.template.render(Context(dict(context), autoescape=False)))
