"""The texts that a page shows, each with its declared language."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905 -- a list of tags
_SILENT = frozenset({"script", "style", "code"})
"""Elements whose text is not shown, or is meant for a machine."""
_ATTRIBUTES = ("alt", "title", "aria-label", "placeholder")
_UNSEEN = frozenset({"checkbox", "radio"})
"""Inputs whose value is a code for the portal: a person reads the label."""
_TYPED = frozenset({"hidden", "text", "email", "tel", "search", "number", "date", "file"})


@dataclass(frozen=True)
class PageText:
    """One piece of text of a page. `language` is that of the nearest ancestor that declares one."""

    text: str
    language: str
    typed: bool = False
    """True if it is the content of a field."""


def page_texts(html: str) -> Iterator[PageText]:
    """Yield each text of a page, attributes that a screen reader speaks included, with normalised spaces."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    for said in reader.said:
        text = " ".join(said.text.split())
        if text:
            yield PageText(text, said.language, said.typed)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[PageText] = []
        self._open: list[tuple[str, str]] = []

    @property
    def _language(self) -> str:
        return self._open[-1][1] if self._open else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang", self._language)
        self.said += [PageText(given[name], language) for name in _ATTRIBUTES if name in given]
        if tag == "input" and "value" in given and given.get("type") not in _UNSEEN:
            typed = given.get("type", "text") in _TYPED
            self.said.append(PageText(given["value"], language, typed))
        if tag not in _VOID:
            self._open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        while self._open and any(name == tag for name, _language in self._open):
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        inside = {tag for tag, _language in self._open}
        if not inside & _SILENT:
            self.said.append(PageText(data, self._language, "textarea" in inside))
