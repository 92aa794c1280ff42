"""Plain PDF documents for the demonstration: a title, headings, paragraphs, and their fonts."""

from functools import cache
from html import escape
from typing import Final

HEADING: Final = "h2"
TEXT: Final = "p"

type Block = tuple[str, str]
"""Element of HTML, and its text."""

_STYLE: Final = """
@page { size: letter; margin: 1in }
body { font: 10.5pt/15pt sans-serif }
h1 { font: bold 18pt/24pt sans-serif; margin: 0 }
h2 { font: bold 12pt/16pt sans-serif; margin: 14pt 0 0 }
p { margin: 6pt 0 0; white-space: pre-wrap }
"""


def make_pdf(*, title: str, blocks: list[Block]) -> bytes:
    """Return a PDF of `title` then `blocks`, on as many pages as they need. The same text gives the same bytes."""
    body = "".join(f"<{element}>{escape(text)}</{element}>" for element, text in [("h1", title), *blocks])
    return _drawn(
        f"<html lang='fr-CA'><head><title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>"
    )


@cache
def _drawn(html: str) -> bytes:
    from weasyprint import HTML  # noqa: PLC0415 -- a second that no other command should wait for

    written: bytes = HTML(string=html).write_pdf()
    return written
