"""Insert the pages of documents into the dossier: tagged, numbered and without active content."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, NumberTree, Rectangle, Stream, String
from PIL import Image, JpegImagePlugin  # noqa: F401 -- loaded before the sandbox closes its files

from .archival import end_streams
from .redact import DOTS_PER_INCH

# Errors that pikepdf raises for a file that is not a valid PDF.
UNREADABLE = (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RuntimeError)
_PICTURE, _SMALLEST = ".jpg", 3
"""End of the name of a picture's file, and points of the smallest page that a PDF may have."""
_KNOWN_ENCODINGS = (Name.WinAnsiEncoding, Name.MacRomanEncoding)


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """One page of a document, with its visible size in points."""

    page: pikepdf.Page
    width: float
    height: float
    title: str


def open_part(paths: list[str]) -> pikepdf.Pdf:
    """Open a document: its PDF, or a PDF made of one picture, a JPEG, for each page.

    :raises pikepdf.PdfError: if it cannot be read.
    """
    if not paths[0].endswith(_PICTURE):
        return pikepdf.open(paths[0])
    document = pikepdf.new()
    for path in paths:
        with Image.open(path) as picture:
            width, height = (round(max(side * 72 / DOTS_PER_INCH, _SMALLEST), 2) for side in picture.size)
            image = Stream(document, Path(path).read_bytes())
            image.stream_dict = Dictionary(
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=picture.width,
                Height=picture.height,
                ColorSpace=Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=Name.DCTDecode,
            )
        page = document.add_blank_page(page_size=(width, height))
        page.Resources = Dictionary(XObject=Dictionary(Picture=image))
        page.Contents = Stream(
            document, b"q %s 0 0 %s 0 0 cm /Picture Do Q" % (str(width).encode(), str(height).encode())
        )
    return document


def read_part(document: pikepdf.Pdf, titles: list[str]) -> list[PlacedPage]:
    """Return the pages of a document, one for each title.

    :raises pikepdf.PdfError: if it cannot be read or the number of pages differs.
    """
    pages = list(document.pages)
    if len(pages) != len(titles):
        message = f"{len(pages)} pages, not {len(titles)}"
        raise pikepdf.PdfError(message)
    return [PlacedPage(page, *_visible_size(page), title) for page, title in zip(pages, titles, strict=True)]


def merge(drawn: Path, drawings: dict[int, PlacedPage], out: Path, *, archival: bool = False) -> int:
    """Write `out` from the rendered pages and the documents' pages; return its number of pages.

    `drawings` maps a page of `drawn`, from 0, to the document page to insert there. Such a page is a strip with the
    document's label. The document's page is placed below the strip at its own size, not scaled and not covered, and
    tagged as one paragraph of the strip's section, or as one figure if it has no text.

    The file is declared as PDF/UA-1 unless a document has a font that it does not embed or whose glyphs have no
    characters: the portal writes its own pages, and takes those of documents as they are. `archival`: `drawn` is
    declared as PDF/A.
    """
    with pikepdf.open(drawn) as dossier:
        sound = True
        for rank, drawing in drawings.items():
            sound &= _attach_page(dossier, dossier.pages[rank], drawing)
        if not sound:
            with dossier.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
                del metadata["pdfuaid:part"]
        if archival:
            end_streams(dossier)
        dossier.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable
            if archival
            else pikepdf.ObjectStreamMode.generate,
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


def fonts_of(holder: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield the fonts of a page or form, and of the forms and patterns in it. Each form is read once."""
    seen: set[tuple[int, int]] = set()
    pending = [holder]
    while pending:
        node = pending.pop()
        resources = node.get("/Resources", Dictionary())
        yield from dict(resources.get("/Font", Dictionary()).items()).values()
        for kind in ("/XObject", "/Pattern"):
            for form in dict(resources.get(kind, Dictionary()).items()).values():
                if form.objgen not in seen and "/Resources" in form:
                    seen.add(form.objgen)
                    pending.append(form)


def is_sound(font: pikepdf.Object) -> bool:
    """True if `font` is embedded and its glyphs have characters (PDF/UA-1, 7.21.4 and 7.21.7)."""
    described = font.get("/DescendantFonts", [font])[0].get("/FontDescriptor", Dictionary())
    embedded = font.get("/Subtype") == Name.Type3 or any(
        key in described for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )
    return embedded and ("/ToUnicode" in font or font.get("/Encoding") in _KNOWN_ENCODINGS)


def _attach_page(dossier: pikepdf.Pdf, strip: pikepdf.Page, drawing: PlacedPage) -> bool:
    """Insert the page of a document below its strip. Return whether all of its fonts are sound."""
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
    form = _form_of(dossier, drawing.page)
    name = strip.add_resource(form, Name.XObject, Name.Document)
    placed = strip.calc_form_xobject_placement(form, name, place)
    try:
        fonts = list(fonts_of(form))
        is_picture, sound = not fonts, all(is_sound(font) for font in fonts)
    except UNREADABLE:
        is_picture = sound = False
    bounds = (place.llx, place.lly, place.urx, place.ury) if is_picture else None
    mcid = _tag(dossier, strip, drawing.title, bounds)
    kind = b"Figure" if is_picture else b"P"
    strip.contents_add(Stream(dossier, b"q\n"), prepend=True)
    strip.contents_add(Stream(dossier, b"\nQ\n/%b <</MCID %d>> BDC\n%b\nEMC" % (kind, mcid, placed)))
    return sound


def _form_of(dossier: pikepdf.Pdf, page: pikepdf.Page) -> pikepdf.Object:
    """Return the page as a form of the dossier."""
    form = dossier.copy_foreign(page.as_form_xobject())
    content = page.obj.get("/Contents")
    # The usual content is copied compressed: to unpack and pack it again is most of the time of a merge.
    if (
        isinstance(content, Stream)
        and content.get("/Filter") == Name.FlateDecode
        and not {"/F", "/DecodeParms"} & set(content.keys())
    ):
        form.write(content.read_raw_bytes(), filter=Name.FlateDecode)
    return form


def _tag(dossier: pikepdf.Pdf, strip: pikepdf.Page, title: str, bounds: tuple[float, ...] | None) -> int:
    """Add a tag for the document's page to the strip's section; return its marked-content id.

    `bounds` are those of a page without text, which is tagged as a figure: its title is all that can be said of it.
    """
    marks = NumberTree(dossier.Root.StructTreeRoot.ParentTree)[int(strip.obj.StructParents)]
    section = _section(marks)
    tag = dossier.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.P if bounds is None else Name.Figure,
            P=section,
            Pg=strip.obj,
            T=String(title),
            K=Array([len(marks)]),
        )
    )
    if bounds is not None:
        tag.Alt = String(title)
        tag.A = Dictionary(O=Name.Layout, BBox=Array(bounds))
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
