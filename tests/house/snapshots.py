"""Snapshots of pages: text and structure as lines, stored in `held/` in one file per route.

A page that resembles an earlier one of its file is stored as a difference. `masks.py` masks what depends on the day.
After an intended change, run `make held` and commit the files.
"""

import difflib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import islice
from pathlib import Path
from typing import Final

from lxml import etree, html

from tests.house.crawl import Page, route_of
from tests.house.masks import Masks, address

KEPT_IN: Final = Path(__file__).with_name("held")
_FRAME: Final = {
    *("environment", "portal-header", "portal-footer", "skip-link"),
    *("header", "nav-sidebar", "footer", "skip-to-content-link", "toggle-nav-sidebar", "base-svgs"),
}
"""Ids and classes of the elements around every page."""
_DRAWN: Final = {"nonce", "d", "viewbox", "xmlns", "integrity"}
"""Attributes that are random, or whose value is not text."""
_ADDRESSES: Final = {"href", "action", "src", "formaction"}
_DRAWINGS: Final = {"path", "rect", "circle", "use"}
_SAY_BY_THEMSELVES: Final = {
    *("input", "select", "textarea", "button", "option", "img", "hr", "form", "table", "details"),
}
"""Elements that are kept even without text or attribute."""
_INLINE: Final = {
    *("a", "abbr", "b", "bdi", "br", "button", "code", "em", "i", "img", "input", "kbd", "label"),
    *("option", "small", "span", "strong", "sup", "svg", "symbol", "td", "th", "time", *_DRAWINGS),
}
"""Elements that stand within the line of the sentence, list or row that contains them."""
_WIDE: Final = 300
"""Above this number of characters, the parts of a sentence, list or row have a line each."""
_OF_THE_RUN: Final = {"data-local", "data-admin-utc-offset", "data-card"}
"""Attributes whose value is an offset from UTC or the key of a row."""
_VALUES_ARE_KEYS: Final = {"hidden", "radio", "checkbox"}
_KEY_OF_A_DELIVERY: Final = re.compile(r"(?<=[ -])\d+(?=$|/|-‹|»| —)")
_RECIPIENT: Final = re.compile(r"‹accounts.User.email›|[\w.]+@exemple\.invalid")
_MESSAGES: Final = "//*[contains(@class, 'messagelist') or @role = 'status' or @role = 'alert']"
_ENOUGH: Final = 60
"""Maximum number of differing lines that are shown per file."""
_MANY: Final = 30
"""Above this number of options, only the first and the last are kept."""


@dataclass
class PageSnapshots:
    """Collects the snapshots of one world: the text of each file, by file name."""

    masks: Masks = field(default_factory=Masks)
    _told: dict[str, list[tuple[str, list[str]]]] = field(default_factory=lambda: defaultdict(list))
    _frames: dict[tuple[str, bool], list[str]] = field(default_factory=dict)
    _heads: dict[tuple[str, bool], list[str]] = field(default_factory=dict)

    def files(self, pages: Sequence[Page], mails: Iterable[bytes]) -> dict[str, str]:
        """Return the text of every file, by file name."""
        asked = {(page.person, route_of(page.address)) for page in pages if page.method == "GET"}
        for page in pages:
            self._add(page, seen=(page.person, route_of(page.led_to)) in asked)
        for sent in mails:
            self._keep("mails", *self._of_mail(sent))
        for (person, of_staff), lines in self._frames.items():
            self._keep(
                "frames", f"{person}, {'of the administration' if of_staff else 'of the portal'}", lines
            )
        return {f"{name}.txt": _snapshot_text(told) for name, told in self._told.items()}

    def _keep(self, name: str, title: str, lines: list[str]) -> None:
        self._told[re.sub(r"\W+", "_", name).strip("_")].append((title, lines))

    def _add(self, page: Page, *, seen: bool) -> None:
        """Add one page. A page that a form led to, and that is also `seen` by itself, adds only its messages."""
        title = f"{page.person} {page.method} {self._masked_address(page.address)} ({page.status})"
        name = route_of(page.address) or "no_route"
        if page.status in {301, 302, 303, 307}:
            lines = [f"→ {self._masked_address(page.headers['Location'])}"]
        elif page.led_to and (seen or not page.is_html):
            said = page.tree.xpath(_MESSAGES) if page.is_html else []
            lines = [
                f"→ {self._masked_address(page.led_to)}",
                *(line for each in said for line in self._lines(each)),
            ]
        elif page.is_html:
            frame = (page.person, page.tree.find(".//div[@id='container']") is not None)
            if frame not in self._frames:
                self._frames[frame] = [line for part in _frames(page.tree) for line in self._lines(part)]
                self._heads[frame] = self._of_head(page.tree)
            common = self._heads[frame]
            head = self._of_head(page.tree)
            lines = [
                *(f"no {line}" for line in common if line not in head and not line.startswith("title")),
                *(line for line in head if line not in common),
                *self._of_body(page.tree),
            ]
        elif "json" in page.media_type and page.content:
            lines = sorted(set(self._of_value(json.loads(page.content), "")))
        elif page.media_type == "application/atom+xml":
            lines = list(self._lines(etree.fromstring(page.content)))
        elif page.media_type in {"text/plain", "text/calendar", "text/csv"}:
            text = page.content.decode().replace("\r\n ", "")
            text = re.sub(r"\\([,;\\n])", lambda found: found[1] if found[1] in ",;\\" else " ", text)
            lines = [self.masks(line) for line in text.splitlines()]
        else:
            lines = [f"{page.media_type} {self.masks(page.headers.get('Content-Disposition', ''))}"]
        if name.startswith("admin:outbox_"):
            lines = [_RECIPIENT.sub("‹courriel›", _KEY_OF_A_DELIVERY.sub("‹clé›", line)) for line in lines]
        self._keep(route_of(page.led_to) if page.led_to and not seen else name, title, lines)

    def _masked_address(self, text: str) -> str:
        return self.masks(address(text))

    # -- A page -------------------------------------------------------------------------------------------------------
    def of_tree(self, tree: html.HtmlElement) -> list[str]:
        """Return the lines of a page without its frame."""
        return [*self._of_head(tree), *self._of_body(tree)]

    def _of_head(self, tree: html.HtmlElement) -> list[str]:
        return [line for part in _own_head(tree.find("head")) for line in self._lines(part)]

    def _of_body(self, tree: html.HtmlElement) -> Iterator[str]:
        if (body := tree.find("body")) is not None:
            yield from self._lines(body, framed=False)

    def _lines(self, element: etree._Element, *, framed: bool = True) -> Iterator[str]:
        """Yield a line for each element that has text or attributes; without the frame unless `framed`."""
        if (
            not isinstance(element.tag, str)
            or element.tag == "sup"  # the ending of an ordinal: part of the text around it
            or not (framed or not _is_frame(element))
        ):
            return
        if element.tag in {"script", "style"}:
            yield from self._of_script(element)
            return
        whole = self._inline(element) if _is_one_line(element) else ""
        if whole and len(whole) <= _WIDE:
            yield whole
            return
        said = self._said(element)
        lines = (line for child in _children(element) for line in self._lines(child, framed=framed))
        if said and _is_container(element):
            said = " > ".join((said, *islice(lines, 1)))
        if said:
            yield said
        yield from lines

    def _inline(self, element: etree._Element) -> str:
        """Return an element and all that it contains as one line."""
        if not isinstance(element.tag, str) or element.tag in _DRAWINGS:
            return ""
        text, *tails = _own_text(element)
        parts = [
            f"[{said}] {tail}" if (said := self._inline(child)) else tail
            for child, tail in zip((each for each in element if each.tag != "sup"), tails, strict=True)
        ]
        return self._line(element, " ".join((text, *parts)))

    def _of_script(self, element: etree._Element) -> Iterator[str]:
        yield f"{element.tag}{''.join(self._attributes(element))}"
        if "json" in element.get("type", ""):
            yield from self._of_value(json.loads(element.text or "null"), "")

    def _said(self, element: etree._Element) -> str:
        return self._line(element, " ◦ ".join(part.strip() for part in _own_text(element) if part.strip()))

    def _line(self, element: etree._Element, text: str) -> str:
        """Return the element's name and attributes, and `text`; empty if there is nothing to say."""
        text = self.masks(" ".join(text.split()))
        attributes = "".join(self._attributes(element))
        if not text and not attributes and element.tag not in _SAY_BY_THEMSELVES:
            return ""
        tag = element.tag.rpartition("}")[2]
        return f"{tag}{attributes}{': ' if text else ''}{text}"

    def _attributes(self, element: etree._Element) -> Iterator[str]:
        given = dict(element.attrib)
        if given.get("type") in _VALUES_ARE_KEYS or (
            element.tag in {"option", "button"} and "value" in given
        ):
            given["value"] = re.sub(r"^\d+(-\d+)?$", "‹clé›", given.get("value", ""))
        if given.get("name") == "csrfmiddlewaretoken":
            given.pop("value", None)
        yield "".join(f".{self.masks(name)}" for name in given.pop("class", "").split())
        for name, value in sorted(given.items()):
            if name not in _DRAWN | _OF_THE_RUN:
                told = self._masked_address(value) if name in _ADDRESSES else self.masks(value)
                yield f" {name}={told}" if told and " " not in told else f" {name}=«{told}»"

    # -- Other media types --------------------------------------------------------------------------------------------
    def _of_value(self, value: object, key: str) -> Iterator[str]:
        if isinstance(value, dict):
            for name in sorted(value):
                told = "‹clé›" if name.isdigit() else self.masks(name)
                yield from self._of_value(value[name], f"{key}.{told}")
        elif isinstance(value, list):
            if not value:
                yield f"{key}: []"
            for each in value:
                yield from self._of_value(each, f"{key}[]")
        else:
            if key.endswith(".html") and value:
                yield from (
                    f"{key}: {line}" for line in self._lines(html.fragment_fromstring(str(value), "div"))
                )
                return
            told = f'"{self.masks(value)}"' if isinstance(value, str) else self.masks(json.dumps(value))
            yield f"{key}: {told}"

    def _of_mail(self, sent: bytes) -> tuple[str, list[str]]:
        message = BytesParser(policy=policy.default).parsebytes(sent)
        assert isinstance(message, EmailMessage)
        # Without the recipient: of two people who get the same mail, either may get it first.
        lines = [
            self.masks(f"{name}: {message[name]}")
            for name in sorted(message)
            if name not in {"Content-Type", "Date", "Message-ID", "To"}
        ]
        for part in message.walk():
            kind = part.get_content_type()
            if kind == "text/plain":
                # The length of a date decides where a line is cut.
                lines += [
                    self.masks(text) for text in re.split(r"\n\s*\n", part.get_content()) if text.strip()
                ]
            elif kind == "text/html":
                lines += self.of_tree(html.document_fromstring(part.get_content()))
            elif not part.is_multipart():
                lines.append(self.masks(f"{kind} {part.get_filename()}"))
        return self.masks(str(message["Subject"])), lines


def rewrite(files: Mapping[str, str]) -> None:
    """Store these files as the snapshots, and delete all others."""
    KEPT_IN.mkdir(exist_ok=True)
    for old in KEPT_IN.glob("*.txt"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (KEPT_IN / name).write_text(text, encoding="utf-8")


def differences(files: Mapping[str, str]) -> str:
    """Return how `files` differ from the stored ones, with the command that accepts them. Empty if they are equal."""
    kept = {path.name: path.read_text(encoding="utf-8") for path in KEPT_IN.glob("*.txt")}
    told: list[str] = []
    for name in sorted(kept.keys() | files.keys()):
        old, new = kept.get(name, "").splitlines(), files.get(name, "").splitlines()
        lines = list(difflib.unified_diff(old, new, f"held/{name}", "as it is now", n=2, lineterm=""))
        told += lines[:_ENOUGH]
        if len(lines) > _ENOUGH:
            told.append(f"… and {len(lines) - _ENOUGH} lines more")
    if not told:
        return ""
    return "\n".join(
        [*told[: 5 * _ENOUGH], "", "Is it what you meant? `make held` keeps the pages as they are now."]
    )


def _own_text(element: etree._Element) -> list[str]:
    """Return the texts between the children of an element. A date is one text on the first of a month too."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == "sup":
            parts[-1] += f"{child.text or ''}{child.tail or ''}"
        else:
            parts.append(child.tail or "")
    return parts


def _children(element: etree._Element) -> list[etree._Element]:
    """Return the children of an element; of many options, the first, the last and the selected ones."""
    children = list(element)
    if element.tag == "select" and len(children) > _MANY:
        return [children[0], children[-1], *element.iterfind(".//option[@selected]")]
    return children


def _is_one_line(element: etree._Element) -> bool:
    """True for a sentence, a list item or a row."""
    return all(child.tag in _INLINE for child in element.iterdescendants(etree.Element))


def _is_container(element: etree._Element) -> bool:
    """True for an element of the layout: it stands before the first line of its content."""
    return {"class", "id"}.issuperset(element.attrib) and not any(map(str.strip, _own_text(element)))


def _is_frame(element: etree._Element) -> bool:
    return element.get("id") in _FRAME or not _FRAME.isdisjoint((element.get("class") or "").split())


def _own_head(head: etree._Element | None) -> list[etree._Element]:
    """Return the page's own elements of `head`: title, scripts, and metadata for search engines."""
    return [] if head is None else head.xpath("title | script | meta[@name and @name != 'viewport']")


def _frames(tree: html.HtmlElement) -> Iterator[etree._Element]:
    """Yield the elements of the frame, the links of `head` included."""
    yield from (each for each in tree.iterfind("head/*") if each.tag != "title")
    yield from (each for each in tree.iter() if isinstance(each.tag, str) and _is_frame(each))


def _snapshot_text(told: list[tuple[str, list[str]]]) -> str:
    """Return the text of a file: the first page in full, each other one as its difference from a similar page."""
    pages: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for title, said in told:
        pages[tuple(said)].append(title)
    out: list[str] = []
    before: list[tuple[tuple[str, ...], Counter[str]]] = []
    for rank, (lines, titles) in enumerate(pages.items(), 1):
        counted = Counter(lines)
        out += [f"=== {rank}. {title}" for title in dict.fromkeys(titles)]
        unlike = [(counted - other).total() + (other - counted).total() for _lines, other in before]
        if unlike and min(unlike) < len(lines):
            like = unlike.index(min(unlike))
            out[-1] += f", as {like + 1}, but:"
            out += _difference(before[like][0], lines)
        else:
            out += lines
        before.append((lines, counted))
    return "\n".join(out) + "\n"


def _difference(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for line in difflib.unified_diff(old, new, n=0, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            yield line
