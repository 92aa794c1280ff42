"""Complete the structure tree that WeasyPrint writes, as PDF/UA-1 (ISO 14289-1) requires it.

WeasyPrint makes one tag per box and per page, and leaves out what only the HTML says. Here a table, row or paragraph
that goes over several pages is one tag again, each header cell has its scope, each passage in another language its
language, and running headers and page numbers are artifacts. It is done on WeasyPrint's own objects, before the file is
written: parsing the written pages again would take longer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf
import weasyprint.pdf.tags
from weasyprint.formatting_structure.boxes import MarginBox

_SCOPES = {"row": "/Row", "col": "/Column"}
_POINTS = 0.75  # per pixel of CSS
_CELLS = ("/TH", "/TD")


class Tagging:
    """Records from which box each tag is made while a PDF is generated; then completes the tags."""

    def __init__(self) -> None:
        self._boxes: dict[int, Any] = {}
        self._margins: dict[tuple[int, int], str] = {}
        self._first: dict[tuple[Any, ...], Any] = {}
        self._objects: list[Any] = []
        self._languages: dict[int, str] = {}

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record the boxes of the PDF that is generated in this context."""
        build = weasyprint.pdf.tags._build_box_tree  # noqa: SLF001 -- WeasyPrint has no public hook

        def recorded(box: Any, parent: Any, pdf: Any, page: int, marks: dict[int, Any], *rest: Any) -> Any:
            before = set(marks)
            for tag in build(box, parent, pdf, page, marks, *rest):
                # The first is its own: the boxes of the page and the body yield the tags that are in them.
                self._boxes.setdefault(tag.number, getattr(box, "_box", box))  # of a placeholder, the box
                yield tag
            if isinstance(box, MarginBox):
                part = "/Header" if box.at_keyword.startswith(("@top", "@right")) else "/Footer"
                self._margins |= {(page, mark): part for mark in marks.keys() - before}

        weasyprint.pdf.tags._build_box_tree = recorded  # noqa: SLF001 -- the same
        try:
            yield
        finally:
            weasyprint.pdf.tags._build_box_tree = build  # noqa: SLF001 -- the same

    def finish(self, document: Any, pdf: Any) -> None:
        """Complete the tags of `pdf`, which was generated in `recording` and is not written yet."""
        self._objects = pdf.objects
        root = self._at(pdf.catalog["StructTreeRoot"])
        top = self._at(root["K"][0])
        self._languages[top.number] = document.metadata.lang
        kids, top["K"] = top["K"], pydyf.Array()
        for kid in kids:
            self._settle(self._at(kid), top)
        self._drop_empty(top)
        self._map_marks(pdf, root, top)

    def _at(self, reference: bytes) -> Any:
        return self._objects[int(reference.split()[0])]

    def _settle(self, tag: Any, parent: Any) -> None:
        """Put `tag` under `parent`; if it continues a tag of an earlier page, put its kids under that one."""
        box: Any = self._boxes.get(tag.number)
        element = box and box.element
        source = (id(element), box.element_tag, type(box), tag["S"]) if element is not None else (tag.number,)
        first = self._first.get(source)
        if first is not None and first["Pg"] != tag["Pg"]:
            if tag["S"] == "/THead":
                return  # repeated on each page of the table: an artifact
            kept, kids = first, tag["K"]
        else:
            kept, kids = tag, tag["K"]
            tag["K"], tag["P"] = pydyf.Array(), parent.reference
            parent["K"].append(tag.reference)
            self._first[source] = tag
            self._languages[tag.number] = self._languages[parent.number]
            if element is not None:
                self._complete(tag, box, parent)
        for kid in kids:
            if isinstance(kid, int):
                here = kept["Pg"] == tag["Pg"]
                mark = pydyf.Dictionary({"Type": "/MCR", "Pg": tag["Pg"], "MCID": kid})
                kept["K"].append(kid if here else mark)
            elif self._at(kid).get("Type") == "/OBJR":
                kept["K"].append(kid)
            else:
                self._settle(self._at(kid), kept)

    def _complete(self, tag: Any, box: Any, parent: Any) -> None:
        """Add to `tag` what the element of its `box` says: scope of a header cell, language, place of a picture."""
        element = box.element
        if (language := element.get("lang")) and language != self._languages[tag.number]:
            self._languages[tag.number] = language
            tag["Lang"] = pydyf.String(language)
        if tag["S"] in _CELLS:
            # Each header cell has its scope: no list of headers in each cell is needed.
            tag.pop("ID", None)
            tag["A"].pop("Headers", None)
            if tag["S"] == "/TH":
                tag["A"]["Scope"] = _SCOPES[element.get("scope")]
            elif len(tag["A"]) == 1:
                del tag["A"]
        elif tag["S"] == "/Figure":
            _left, _bottom, _right, height = self._at(tag["Pg"])["MediaBox"]
            x1, y1, x2, y2 = (side * _POINTS for side in tag["A"]["BBox"])
            tag["A"]["BBox"] = pydyf.Array([x1, height - y2, x2, height - y1])
        elif element.get("role") == "doc-toc" and tag["S"] == "/L":
            tag["S"] = "/TOC"
        elif tag["S"] == "/LI" and parent["S"] == "/TOC":
            tag["S"] = "/TOCI"
        elif tag["S"] == "/LBody" and parent["S"] == "/TOCI":
            tag["S"] = "/Reference"

    def _drop_empty(self, tag: Any) -> bool:
        """Remove the tags below `tag` without content. Return whether `tag` has none."""
        kept = [
            kid
            for kid in tag["K"]
            if not isinstance(kid, bytes)
            or self._at(kid).get("Type") == "/OBJR"
            or not self._drop_empty(self._at(kid))
        ]
        tag["K"][:] = kept
        return not kept and tag["S"] not in _CELLS

    def _map_marks(self, pdf: Any, root: Any, top: Any) -> None:
        """Map the marks of each page to their tags. Marks without a tag become artifacts."""
        owners: dict[tuple[bytes, int], bytes] = {}
        pending = [top]
        while pending:
            tag = pending.pop()
            for kid in tag["K"]:
                if isinstance(kid, int):
                    owners[tag["Pg"], kid] = tag.reference
                elif isinstance(kid, bytes):
                    pending += [kid_tag for kid_tag in [self._at(kid)] if kid_tag.get("Type") != "/OBJR"]
                else:
                    owners[kid["Pg"], kid["MCID"]] = tag.reference
        numbers = self._at(root["ParentTree"])["Nums"]
        for rank, page in enumerate(pdf.page_references):
            marks = numbers[2 * rank + 1]
            marks[:] = [owners.get((page, mark), "null") for mark in range(len(marks))]
            content = self._at(self._at(page)["Contents"]).stream
            for place, item in enumerate(content):
                if isinstance(item, dict) and "MCID" in item and (page, item["MCID"]) not in owners:
                    artifact = pydyf.Dictionary({"Type": "/Pagination"})
                    if part := self._margins.get((rank, item["MCID"])):
                        artifact["Subtype"] = part
                    content[place - 1 : place + 1] = ["/Artifact", artifact]
