"""Reads a PDF as a screen reader does, and lists what PDF/UA-1 (ISO 14289-1) forbids in it.

Written from the standard, with pikepdf and fontTools only: nothing of WeasyPrint, whose word is not taken.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pikepdf
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, NumberTree

_HEADING = re.compile(r"H([1-6])")
_MAPPING = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>")
_NO_CHARACTER = {"", "\x00", "\ufeff", "\ufffe"}
_SHOWING = {"Tj", "TJ", "'", '"'}
_PAINTING = {"Do", "sh", "f", "f*", "F", "S", "s", "B", "B*", "b", "b*", "INLINE IMAGE"}


@dataclass
class Tag:
    """One tag of the structure tree."""

    kind: str
    lang: str = ""
    """Language of the tag; empty: that of its parent."""
    alt: str = ""
    """Alternative text, or empty."""
    attributes: dict[str, Any] = field(default_factory=dict)
    pages: set[tuple[int, int]] = field(default_factory=set)
    """Pages of its own marks."""
    kids: list["Tag"] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    """Texts of its own marks, in order; those of its kids are theirs."""
    order: list["Tag | str"] = field(default_factory=list)
    """Kids and own texts, in order."""

    @property
    def text(self) -> str:
        """Text of this tag and of those in it, in reading order."""
        return "".join(one if isinstance(one, str) else one.text for one in self.order)

    def attribute(self, name: str) -> Any:
        """Return the attribute `name` of this tag, or None."""
        return self.attributes.get(name)

    def walk(self) -> Iterator["Tag"]:
        """Yield this tag and those in it, in reading order."""
        yield self
        for kid in self.kids:
            yield from kid.walk()

    def of(self, *kinds: str) -> list["Tag"]:
        """Return the tags of `kinds` in this one, in reading order."""
        return [tag for tag in self.walk() if tag.kind in kinds]


class _Font:
    """A composite font with an embedded TrueType program: how its codes map to characters and glyphs."""

    def __init__(self, node: pikepdf.Object) -> None:
        self.name = str(node.get("/BaseFont"))
        self.characters: dict[int, str] = {}
        self.glyphs = 0
        if "/ToUnicode" in node:
            self.characters = {
                int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
                for code, text in _MAPPING.findall(node.ToUnicode.read_bytes().split(b"endcodespacerange")[1])
            }
        descriptor = node.get("/DescendantFonts", [Dictionary()])[0].get("/FontDescriptor", Dictionary())
        if "/FontFile2" in descriptor:
            self.glyphs = TTFont(io.BytesIO(descriptor.FontFile2.read_bytes()))["maxp"].numGlyphs

    def decode(self, content: bytes) -> tuple[str, list[str]]:
        """Return the text that `content` shows, and what is wrong with it."""
        text, problems = "", []
        for code in (int.from_bytes(content[at : at + 2]) for at in range(0, len(content), 2)):
            character = self.characters.get(code, "")
            if character in _NO_CHARACTER:
                problems.append(f"glyph {code} of {self.name} has no character")
            if not 0 < code < self.glyphs:
                problems.append(f"{self.name} has no glyph for {character!r}")
            text += character
        return text, problems


def _plain(value: Any) -> Any:
    """Return an attribute as a value that outlives the open file."""
    return str(value) if isinstance(value, Name) else list(value) if isinstance(value, Array) else value


class _Mark(NamedTuple):
    """A marked part of a page's content."""

    kind: str
    number: int
    """MCID, or -1."""
    subtype: str
    actual: str
    """Text that a reader says instead of the characters; empty: none."""


def _owner(stack: list[_Mark]) -> _Mark | None:
    """Return the innermost mark that is in the tree or an artifact."""
    return next((mark for mark in reversed(stack) if mark.number >= 0 or mark.kind == "/Artifact"), None)


class PdfReader:
    """Reads one PDF. `problems` has a line for each thing that PDF/UA-1 forbids; `document` is the tree."""

    def __init__(self, content: bytes) -> None:
        self.problems: list[str] = []
        self.artifacts: list[tuple[int, str, str]] = []
        """Text of each artifact: page from 0, its subtype, its text."""
        self._fonts: dict[tuple[int, int], _Font] = {}
        self._texts: dict[tuple[tuple[int, int], int], str] = {}
        self._owners: dict[tuple[tuple[int, int], int], tuple[int, int]] = {}
        with pikepdf.open(io.BytesIO(content)) as pdf:
            self._pdf = pdf
            self._read_catalog()
            for rank, page in enumerate(pdf.pages):
                self._read_page(rank, page)
            (top,) = pdf.Root.StructTreeRoot.K
            self.document = self._read_tag(top)
            self._check_marks()
            for check in (self._check_headings, self._check_tables, self._check_lists, self._check_figures):
                check()
            self._check_annotations()
            self.text = self.document.text
            self.languages = [(tag.lang, tag.text) for tag in self.document.walk() if tag.lang]
            self.spoken = [(tag.kind, tag.text) for tag in self.document.of("H1", "H2", "H3")]

    def _say(self, problem: str) -> None:
        self.problems.append(problem)

    def _read_catalog(self) -> None:
        root = self._pdf.Root
        for name in ("/Lang", "/MarkInfo", "/ViewerPreferences", "/StructTreeRoot", "/Metadata"):
            if name not in root:
                self._say(f"no {name}")
        if not root.MarkInfo.get("/Marked") or root.MarkInfo.get("/Suspects"):
            self._say("the document is not marked as tagged")
        if not root.ViewerPreferences.get("/DisplayDocTitle"):
            self._say("the title is not displayed")
        with self._pdf.open_metadata() as metadata:
            self.title = str(metadata.get("dc:title", ""))
            self.declared = str(metadata.get("pdfuaid:part", ""))
            part, level = metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance")
            self.archival = f"{part}{level}" if part else ""
        if not self.title or self.title != str(self._pdf.docinfo.get("/Title")):
            self._say("the title is missing, or another in each metadata")

    # -- Content of pages ---
    def _read_page(self, rank: int, page: pikepdf.Page) -> None:
        if page.obj.get("/Tabs") != Name.S:
            self._say(f"page {rank + 1} has another tab order")
        font: _Font | None = None
        stack: list[_Mark] = []
        for instruction in pikepdf.parse_content_stream(page):
            operator, operands = str(instruction.operator), list(instruction.operands)
            if operator in {"BDC", "BMC"}:
                stack.append(self._mark(page, operands))
                if stack[-1].number >= 0:
                    self._texts.setdefault((page.obj.objgen, stack[-1].number), "")
            elif operator == "EMC":
                self._end(page, stack.pop())
            elif operator == "Tf":
                font = self._font(page.resources.Font[str(operands[0])])
            elif operator in _SHOWING:
                self._show(rank, page, stack, font, operands[-1])
            elif operator in _PAINTING and _owner(stack) is None:
                self._say(f"page {rank + 1} paints something that is neither tagged nor an artifact")
        if stack:
            self._say(f"page {rank + 1} has a mark without an end")

    def _mark(self, page: pikepdf.Page, operands: list[Any]) -> _Mark:
        properties = operands[1] if len(operands) > 1 else Dictionary()
        if isinstance(properties, Name):
            properties = page.resources.Properties[properties]
        number, subtype = int(properties.get("/MCID", -1)), str(properties.get("/Subtype", ""))
        return _Mark(str(operands[0]), number, subtype, str(properties.get("/ActualText", "")))

    def _end(self, page: pikepdf.Page, mark: _Mark) -> None:
        if mark.number >= 0 and mark.actual:
            self._texts[page.obj.objgen, mark.number] = mark.actual

    def _font(self, node: pikepdf.Object) -> _Font:
        if node.objgen not in self._fonts:
            self._fonts[node.objgen] = _Font(node)
        return self._fonts[node.objgen]

    def _show(
        self, rank: int, page: pikepdf.Page, stack: list[_Mark], font: _Font | None, shown: Any
    ) -> None:
        text = ""
        for part in shown if isinstance(shown, Array) else [shown]:
            if isinstance(part, pikepdf.String) and font is not None:
                said, problems = font.decode(bytes(part))
                text += said
                self.problems += [f"page {rank + 1}: {problem}" for problem in problems]
        owner = _owner(stack)
        if owner is None:
            self._say(f"page {rank + 1} shows {text!r}, which is neither tagged nor an artifact")
        elif owner.kind == "/Artifact":
            self.artifacts.append((rank, owner.subtype.removeprefix("/"), text))
        else:
            self._texts[page.obj.objgen, owner.number] += text

    # -- The tree
    def _read_tag(self, node: pikepdf.Object, page: pikepdf.Object | None = None) -> Tag:
        attributes = node.get("/A", Dictionary())
        tag = Tag(
            str(node.S).removeprefix("/"),
            lang=str(node.get("/Lang", "")),
            alt=str(node.get("/Alt", "")),
            attributes={name: _plain(value) for name, value in attributes.items()},
        )
        page = node.get("/Pg", page)
        kids = node.get("/K", Array())
        for kid in kids if isinstance(kids, Array) else [kids]:
            if isinstance(kid, int):
                self._own(tag, node, page, kid)
            elif kid.get("/Type") == Name.MCR:
                self._own(tag, node, kid.get("/Pg", page), int(kid.MCID))
            elif kid.get("/Type") == Name.OBJR:
                tag.order.append("")
            else:
                if kid.P.objgen != node.objgen:
                    self._say(f"a tag {kid.S} names another parent than its {tag.kind}")
                tag.kids.append(self._read_tag(kid, page))
                tag.order.append(tag.kids[-1])
        if not tag.order and tag.kind not in {"TD", "TH"}:
            self._say(f"a tag {tag.kind} is empty")
        return tag

    def _own(self, tag: Tag, node: pikepdf.Object, page: Any, mark: int) -> None:
        if (page.objgen, mark) in self._owners:
            self._say(f"a mark has two tags, one of which is {tag.kind}")
        self._owners[page.objgen, mark] = node.objgen
        tag.pages.add(page.objgen)
        tag.own.append(self._texts.get((page.objgen, mark), ""))
        tag.order.append(tag.own[-1])

    def _check_marks(self) -> None:
        """Each mark of each page is in the tree once, and the parent tree names the same tag."""
        parents = NumberTree(self._pdf.Root.StructTreeRoot.ParentTree)
        for page in self._pdf.pages:
            tags = parents[int(page.obj.StructParents)]
            found = {
                (page.obj.objgen, mark): tag.objgen
                for mark, tag in enumerate(tags)
                if isinstance(tag, Dictionary)
            }
            drawn = {key for key in self._texts if key[0] == page.obj.objgen}
            own = {key: tag for key, tag in self._owners.items() if key[0] == page.obj.objgen}
            if found != own or drawn != own.keys():
                self._say(f"page {page.index + 1}: marks, tree and parent tree differ")

    def _check_headings(self) -> None:
        levels = [int(tag.kind[1]) for tag in self.document.walk() if _HEADING.fullmatch(tag.kind)]
        for level, before in zip(levels, [0, *levels], strict=False):
            if level > before + 1:
                self._say(f"a heading H{level} follows H{before}")
        if not levels:
            self._say("no heading")

    def _check_tables(self) -> None:
        for table in self.document.of("Table"):
            rows = [[cell for cell in row.kids if cell.kind in {"TH", "TD"}] for row in table.of("TR")]
            said = table.text[:40]
            widths = {sum(int(cell.attribute("/ColSpan") or 1) for cell in row) for row in rows}
            if len(widths) != 1:
                self._say(f"the table {said!r} has rows of {sorted(widths)} cells")
            columns: set[int] = set()
            for row in rows:
                scopes = [str(cell.attribute("/Scope")) if cell.kind == "TH" else "" for cell in row]
                for rank, cell in enumerate(row):
                    if cell.kind == "TH" and scopes[rank] not in {"/Row", "/Column", "/Both"}:
                        self._say(f"the header cell {cell.text!r} has no scope")
                    if cell.kind == "TH" and not cell.text.strip():
                        self._say(f"a header cell of {said!r} is empty")
                columns |= {rank for rank, scope in enumerate(scopes) if scope == "/Column"}
                named = "/Row" in scopes
                for rank, cell in enumerate(row):
                    if cell.kind == "TD" and not named and rank not in columns:
                        self._say(f"the cell {cell.text!r} has no header")

    def _check_lists(self) -> None:
        within = {"L": {"LI", "L", "Caption"}, "LI": {"Lbl", "LBody", "L"}, "TOC": {"TOCI", "TOC", "Caption"}}
        within |= {"Table": {"TR", "THead", "TBody", "TFoot", "Caption"}, "TR": {"TH", "TD"}}
        within |= {"THead": {"TR"}, "TBody": {"TR"}}
        for tag in self.document.walk():
            for kid in tag.kids:
                if tag.kind in within and kid.kind not in within[tag.kind]:
                    self._say(f"{kid.kind} in {tag.kind}")
                if kid.kind in {"LI", "TOCI", "TR", "TH", "TD"} and tag.kind not in within:
                    self._say(f"{kid.kind} in {tag.kind}")

    def _check_figures(self) -> None:
        for tag in self.document.of("Figure", "Formula"):
            if not tag.alt:
                self._say("a figure has no alternative text")
            if tag.attribute("/BBox") is None:
                self._say("a figure has no place")

    def _check_annotations(self) -> None:
        parents = NumberTree(self._pdf.Root.StructTreeRoot.ParentTree)
        for page in self._pdf.pages:
            for annotation in page.obj.get("/Annots", []):
                if not annotation.get("/Contents") and not annotation.get("/TU"):
                    self._say("an annotation has no text")
                owner = parents[int(annotation.StructParent)]
                if owner.S not in {Name.Link, Name.Form, Name.Annot}:
                    self._say(f"an annotation is in a tag {owner.S}")


def check_accessible(content: bytes, title: str) -> PdfReader:
    """Check that a PDF has this title and nothing that PDF/UA-1 forbids. Return what a screen reader reads."""
    found = PdfReader(content)
    assert (found.problems, found.title) == ([], title)
    return found
