"""Insert the pages of documents into the dossier: tagged, numbered and without active content."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, NumberTree, Operator, Rectangle, Stream, String

# Errors that pikepdf raises for a file that is not a valid PDF.
UNREADABLE = (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RuntimeError)


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """One page of a document, with its visible size in points."""

    page: pikepdf.Page
    width: float
    height: float
    title: str


def read_part(document: pikepdf.Pdf, titles: list[str]) -> list[PlacedPage]:
    """Return the pages of a document, one for each title.

    :raises pikepdf.PdfError: if it cannot be read or the number of pages differs.
    """
    pages = list(document.pages)
    if len(pages) != len(titles):
        message = f"{len(pages)} pages, not {len(titles)}"
        raise pikepdf.PdfError(message)
    return [PlacedPage(page, *_visible_size(page), title) for page, title in zip(pages, titles, strict=True)]


def merge(drawn: Path, drawings: dict[int, PlacedPage], out: Path) -> int:
    """Write `out` from the rendered pages and the documents' pages; return its number of pages.

    `drawings` maps a page of `drawn`, from 0, to the document page to insert there. Such a page is a strip with the
    document's label. The document's page is placed below the strip at its own size, not scaled and not covered, and
    tagged as one paragraph of the strip's section.
    """
    with pikepdf.open(drawn) as dossier:
        mark_running_headers(dossier)
        for rank, drawing in drawings.items():
            _attach_page(dossier, dossier.pages[rank], drawing)
        dossier.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
            min_version="1.7",
        )
        return len(dossier.pages)


def _visible_size(page: pikepdf.Page) -> tuple[float, float]:
    """Return width and height in points, after crop box, rotation and `UserUnit`."""
    left, bottom, right, top = (float(side) for side in page.cropbox)
    unit = float(page.obj.get("/UserUnit", 1))
    width, height = abs(right - left) * unit, abs(top - bottom) * unit
    return (height, width) if int(page.obj.get("/Rotate", 0)) % 180 else (width, height)


def _attach_page(dossier: pikepdf.Pdf, strip: pikepdf.Page, drawing: PlacedPage) -> None:
    left, _bottom, right, top = (float(side) for side in strip.mediabox)
    wider = max(drawing.width - (right - left), 0) / 2
    box = [left - wider, -drawing.height, right + wider, top]
    for key in ("/TrimBox", "/BleedBox", "/CropBox", "/ArtBox"):
        if key in strip.obj:
            del strip.obj[key]
    strip.obj.MediaBox = Array(box)
    centre = (left + right) / 2
    place = Rectangle(centre - drawing.width / 2, -drawing.height, centre + drawing.width / 2, 0)
    # WeasyPrint's pages share one resource dictionary. Copy it, or every strip would reference every document.
    strip.obj.Resources = Dictionary(dict(strip.obj.Resources.items()))
    strip.obj.Resources.XObject = Dictionary()
    form = dossier.copy_foreign(drawing.page.as_form_xobject())
    name = strip.add_resource(form, Name.XObject, Name.Document)
    placed = strip.calc_form_xobject_placement(form, name, place)
    mcid = _tag(dossier, strip, drawing.title)
    strip.contents_add(Stream(dossier, b"q\n"), prepend=True)
    strip.contents_add(Stream(dossier, b"\nQ\n/P <</MCID %d>> BDC\n%b\nEMC" % (mcid, placed)))


def _tag(dossier: pikepdf.Pdf, strip: pikepdf.Page, title: str) -> int:
    """Add a tag for the document's page to the strip's section; return its marked-content id."""
    marks = NumberTree(dossier.Root.StructTreeRoot.ParentTree)[int(strip.obj.StructParents)]
    section = _section(marks)
    tag = dossier.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.P,
            P=section,
            Pg=strip.obj,
            T=String(title),
            K=Array([len(marks)]),
        )
    )
    section.K.append(tag)
    marks.append(tag)
    return len(marks) - 1


def _section(marks: pikepdf.Object) -> pikepdf.Object:
    for mark in marks:
        tag: pikepdf.Object | None = mark
        while isinstance(tag, Dictionary):
            if tag.get("/S") == Name.Sect:
                return tag
            tag = tag.get("/P")
    message = "a strip has no section"
    raise ValueError(message)


def mark_running_headers(pdf: pikepdf.Pdf) -> None:
    """Mark running headers and page numbers as artifacts, which screen readers skip (PDF/UA-1, 7.8)."""
    # WeasyPrint leaves margin boxes untagged: the tags of their texts are not in the structure tree.
    tree = pdf.Root.StructTreeRoot
    reachable = {tag.objgen for tag in structure_tags(tree)}
    parents = NumberTree(tree.ParentTree)
    for page in pdf.pages:
        key = page.obj.get("/StructParents")
        if key is None:
            continue
        loose = {
            mcid
            for mcid, tag in enumerate(parents[int(key)])
            if isinstance(tag, Dictionary) and tag.objgen not in reachable
        }
        if loose:
            _mark_artifacts(pdf, page, loose)


def structure_tags(tree: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield the dictionaries of a structure tree, each indirect one once."""
    seen: set[tuple[int, int]] = set()
    pending = list(tree.K)
    while pending:
        tag = pending.pop()
        if not isinstance(tag, Dictionary) or tag.objgen in seen:
            continue
        if tag.is_indirect:  # direct ones all have the same number
            seen.add(tag.objgen)
        yield tag
        kids = tag.get("/K", Array([]))
        pending.extend(kids if isinstance(kids, Array) else [kids])


def _mark_artifacts(pdf: pikepdf.Pdf, page: pikepdf.Page, loose: set[int]) -> None:
    artifact = [Name.Artifact, Dictionary(Type=Name.Pagination)]
    instructions: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    for instruction in pikepdf.parse_content_stream(page):
        properties = instruction.operands[1] if instruction.operator == Operator("BDC") else None
        if isinstance(properties, Dictionary) and int(properties.get("/MCID", -1)) in loose:
            instructions.append(pikepdf.ContentStreamInstruction(artifact, instruction.operator))
        else:
            instructions.append(instruction)
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))
