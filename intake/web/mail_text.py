"""Plain text of a mail, made from its HTML.

Ours: inscriptis aligns facts in columns and writes addresses inside sentences; html2text is under the GPL.
"""

import re
from html.parser import HTMLParser
from typing import Final, override

_PARAGRAPHS: Final = frozenset({"p", "h1", "h2", "h3", "ul", "table"})
_LINES: Final = _PARAGRAPHS | {"li", "tr"}
_BREAK_OF_SOURCE: Final = re.compile(r"[ \t\r]*\n[ \t\r\n]*")


def text_of_html(html: str) -> str:
    """Return the lines, not wrapped, of `<main>` and of the footer of a mail (`templates/mail/base.html`).

    Paragraphs, headings and lists are between empty lines. A fact is `Label : value`. The address of a link is alone on
    the line after its sentence, once. Spaces that a person typed are kept.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "\n".join(reader.lines)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._open: list[tuple[str, str | None, bool]] = [("", None, False)]
        """Open elements: tag, language, and whether the text is read."""
        self._line = self._href = self._link = ""
        self._addresses: list[str] = []
        """Those of the links of the current line, to write after it."""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        parent, language, is_read = self._open[-1]
        if tag in _LINES or tag == "br":
            self._end_line(keep_empty=tag == "br")
        self._separate(tag, parent)
        if tag == "hr":
            self.lines += ["", "----", ""]
        elif tag == "li":
            self._line = "• "
        elif tag == "td":
            self._line += " "
        elif tag == "a":
            self._href, self._link = (given.get("href") or "").removeprefix("mailto:"), ""
        is_foot = given.get("role") == "contentinfo"
        if is_foot:
            self.lines += ["", "--"]
        if tag not in {"br", "hr", "meta"}:
            self._open.append((tag, given.get("lang") or language, is_read or is_foot or tag == "main"))

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in _LINES:
            self._end_line()
        elif tag == "th":
            self._line += self._colon()
        elif tag == "a":
            self._addresses += [self._href] if self._href != self._link else []
            self._href = ""
        self._open.pop()
        self._separate(tag, self._open[-1][0])

    @override
    def handle_data(self, data: str) -> None:
        if self._open[-1][2]:
            self._line += data
            self._link += data if self._href else ""

    def _separate(self, tag: str, parent: str) -> None:
        """Add an empty line beside a block. A list in a table stays under its label, and the contact under its line."""
        if tag in _PARAGRAPHS and parent != "td" and self.lines[-1:] not in ([""], ["--"]):
            self.lines.append("")

    def _end_line(self, *, keep_empty: bool = False) -> None:
        line = _BREAK_OF_SOURCE.sub("\n", self._line).strip("\n").replace("\n", " ").rstrip(" ")
        if self._addresses and line == self._link:
            line += self._colon()
        if line or keep_empty:
            self.lines += [line, *self._addresses]
        self._line, self._addresses = "", []

    def _colon(self) -> str:
        return "\u00a0:" if self._open[-1][1] == "fr" else ":"
