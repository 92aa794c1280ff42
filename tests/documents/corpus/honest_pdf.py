"""Honest PDF files that careless portals refuse or damage."""

import io
from collections.abc import Callable
from functools import partial

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import TiffImageFile

from tests.factories.files import HONEST, new_pdf, pdf_bytes, saved

from .case import Case, honest
from .raw import CATALOGUE, TEXT, changed, objects, packed_pdf, page, raw_pdf, stream, updated, zipped

FAMILY = "PDF"
LINES = (
    b"BT /F1 11 Tf 72 720 Td 14 TL "
    + b"(Curriculum vitae de Zoe, quatorze mots par ligne pour un texte ordinaire) ' " * 40
    + b"ET"
)


def scan(*, grey: int = 250, border: int = 0, size: tuple[int, int] = (1275, 1650)) -> Image.Image:
    """Return the scan of a page of text; `border` is the width in pixels of a dark edge."""
    picture = Image.new("L", size, 20 if border else grey)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((border, border, size[0] - border, size[1] - border), fill=grey)
    for top in range(size[1] // 8, size[1] * 7 // 8, size[1] // 60):
        for left in range(size[0] // 8, size[0] * 7 // 8, size[0] // 40):
            draw.rectangle((left, top, left + size[0] // 100, top + size[1] // 120), fill=40)
    return picture


def scanned(picture: Image.Image, kind: str = "JPEG") -> bytes:
    """Return a PDF of one page that is a scan."""
    out = io.BytesIO()
    picture.save(out, kind)
    filters = {"JPEG": b"/Filter/DCTDecode", "JPEG2000": b"/Filter/JPXDecode"}
    data = out.getvalue()
    space = b"/ColorSpace/Device" + (b"Gray" if picture.mode == "L" else b"RGB")
    image = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8%s%s" % (
        *picture.size,
        space,
        filters[kind],
    )
    resources = b"<</XObject<</X 5 0 R>>>>"
    return raw_pdf(
        objects(
            {3: page(resources=resources), 4: stream(b"q 612 0 0 792 0 0 cm /X Do Q"), 5: stream(data, image)}
        )
    )


def _fax() -> bytes:
    """Return a scan in black and white, packed as a fax."""
    out = io.BytesIO()
    scan().convert("1").save(out, "TIFF", compression="group4")
    with Image.open(out) as packed:
        assert isinstance(packed, TiffImageFile)
        tags = packed.tag_v2
        start, length = tags[273][0], tags[279][0]
        size, black_is_zero = packed.size, tags[262] == 1
    data = out.getvalue()[start : start + length]
    keys = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/CCITTFaxDecode"
        % size
    )
    keys += b"/DecodeParms<</K -1/Columns %d/Rows %d/BlackIs1 %s>>" % (
        *size,
        b"false" if black_is_zero else b"true",
    )
    resources = b"<</XObject<</X 5 0 R>>>>"
    return raw_pdf(
        objects({3: page(resources=resources), 4: stream(b"612 0 0 792 0 0 cm /X Do"), 5: stream(data, keys)})
    )


def _lzw() -> bytes:
    """Return a drawing that is packed as LZW without compression: nine bits a code, cleared often."""
    bits = ""
    for rank, value in enumerate(LINES):
        bits += ("100000000" if rank % 200 == 0 else "") + f"{value:09b}"
    bits += "100000001"
    length = -(-len(bits) // 8)
    data = int(bits.ljust(length * 8, "0"), 2).to_bytes(length, "big")
    return raw_pdf(objects({4: stream(data, b"/Filter/LZWDecode")}))


def _runs() -> bytes:
    pieces = [LINES[start : start + 128] for start in range(0, len(LINES), 128)]
    data = b"".join(bytes([len(piece) - 1]) + piece for piece in pieces) + b"\x80"
    return raw_pdf(objects({4: stream(data, b"/Filter/RunLengthDecode")}))


def _shared_resources() -> bytes:
    """Return a page whose form has, among its resources, itself: some applications share one list."""
    resources = b"<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>/XObject<</X 5 0 R>>>>"
    form = stream(TEXT, b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources 6 0 R")
    return raw_pdf(objects({3: page(resources=b"6 0 R"), 4: stream(b"/X Do"), 5: form, 6: resources}))


def _chinese(pdf: Pdf) -> None:
    below = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType0,
            BaseFont=Name("/Songti"),
            CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("GB1"), Supplement=2),
            FontDescriptor=pdf.make_indirect(
                Dictionary(
                    Type=Name.FontDescriptor,
                    FontName=Name("/Songti"),
                    Flags=4,
                    FontBBox=Array([0, 0, 1000, 1000]),
                )
            ),
        )
    )
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name("/Songti"),
        Encoding=Name("/UniGB-UCS2-H"),
        DescendantFonts=Array([below]),
    )
    pdf.pages[0].obj.Resources.Font.C = pdf.make_indirect(font)
    pdf.pages[0].obj.Contents = Stream(pdf, TEXT + b" BT /C 24 Tf 72 600 Td <4E2D6587> Tj ET")


def _glyph_font() -> bytes:
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.1 0 0 .1 0 0]/FirstChar 65/LastChar 65/Widths[9]"
        b"/Encoding<</Differences[65/A]>>/CharProcs<</A 6 0 R>>/Resources<</Font<</T 5 0 R>>>>>>"
    )
    return raw_pdf(
        objects(
            {
                3: page(resources=b"<</Font<</T 5 0 R>>>>"),
                4: stream(b"BT /T 30 Tf 72 700 Td (AAAA) Tj ET"),
                5: font,
                6: stream(b"9 0 d0 1 1 7 7 re f"),
            }
        )
    )


def _tagged(pdf: Pdf) -> None:
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    element = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.Document, P=tree, K=Array([0]), Pg=pdf.pages[0].obj)
    )
    tree.K = element
    pdf.Root.StructTreeRoot, pdf.Root.Lang = tree, String("fr-CA")
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _signed(pdf: Pdf) -> None:
    signature = Dictionary(
        Type=Name.Sig,
        Filter=Name("/Adobe.PPKLite"),
        Contents=String(b"\x30" * 2000),
        ByteRange=Array([0, 1, 2, 3]),
    )
    note = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Sig,
        T=String("s"),
        V=pdf.make_indirect(signature),
        Rect=Array([72, 90, 272, 140]),
        F=132,
        AP=Dictionary(
            N=Stream(
                pdf,
                b"0 0 1 rg 0 0 200 50 re f",
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, 200, 50]),
            )
        ),
    )
    field = pdf.make_indirect(note)
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)


def _page_keys(**keys: object) -> Callable[[], bytes]:
    def change(pdf: Pdf) -> None:
        for key, value in keys.items():
            pdf.pages[0].obj["/" + key] = value

    return changed(change)


def _contents_in_parts(pdf: Pdf) -> None:
    parts = [Stream(pdf, part) for part in (b"BT /F1 24 Tf", b"72 700 Td (Page) ", b"Tj ET")]
    pdf.pages[0].obj.Contents = Array([pdf.make_indirect(part) for part in parts])


def _hybrid() -> bytes:
    """Return a file with a classic table and, beside it, a stream table, as word processors wrote for old readers."""
    table = zipped(b"\1\0\0\0\x11\0\0", b"/Type/XRef/W[1 4 2]/Size 1/Index[9 1]")
    parts = objects({9: table})
    whole = raw_pdf(parts)
    return raw_pdf(parts, trailer=b"/XRefStm %010d" % whole.index(b"9 0 obj"))


def _bookmarks(pdf: Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Expérience <html> & <script>", 0))


def _about_code(pdf: Pdf) -> None:
    text = b"BT /F1 12 Tf 72 700 Td (J'ecris du <script>, du <html>, <?php et du #!/bin/sh) Tj ET"
    pdf.pages[0].obj.Contents = Stream(pdf, text)
    pdf.docinfo["/Title"] = "Le <html> et moi"


def _named(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(
        Dests=Dictionary(Names=Array([String("a"), Array([pdf.pages[0].obj, Name.Fit])]))
    )
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.D)]))
    pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.XYZ, 0, 792, 0])


def _transparent(pdf: Pdf) -> None:
    mask = Stream(
        pdf,
        b"1 g 0 0 612 792 re f",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 612, 792]),
        Group=Dictionary(S=Name.Transparency, CS=Name.DeviceGray),
    )
    state = Dictionary(Type=Name.ExtGState, ca=0.5, SMask=Dictionary(S=Name.Luminosity, G=mask))
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(G=pdf.make_indirect(state))
    pdf.pages[0].obj.Contents = Stream(pdf, b"/G gs " + TEXT)


_BUILDERS: dict[str, tuple[Callable[[], bytes], int]] = {
    **{
        f"older list: {name}": (build, pages)
        for name, (build, sent, pages) in HONEST.items()
        if not sent.lower().endswith(("jpg", "jpeg", "png"))
    },
    **{
        f"version {version}": (partial(raw_pdf, objects(), version=version.encode()), 1)
        for version in ("1.0", "1.1", "1.3", "1.4", "2.0")
    },
    "stream table": (lambda: packed_pdf(objects()), 1),
    "container of objects": (
        lambda: packed_pdf({1: CATALOGUE, 4: objects()[4]}, packed={2: objects()[2], 3: page()}),
        1,
    ),
    "hybrid tables": (_hybrid, 1),
    "two revisions": (lambda: updated(pdf_bytes(), lambda _pdf: None), 1),
    "revision after a linearised file": (
        lambda: updated(saved(new_pdf(2), linearize=True), lambda _pdf: None),
        2,
    ),
    "byte order mark before the header": (lambda: b"\xef\xbb\xbf" + pdf_bytes(), 1),
    "line breaks before the header": (lambda: b"\r\n\r\n\n" + pdf_bytes(), 1),
    "zeros before the header": (lambda: b"\0" * 128 + pdf_bytes(), 1),
    "length of the file before the header": (lambda: b"\0\1\x4a\x3c" + pdf_bytes(), 1),
    "some bytes of a scanner before the header": (
        lambda: b"\x8c\xf0\x02\0S\xe9\0\x11\xff\x07" + pdf_bytes(),
        1,
    ),
    "bytes that the offsets count": (
        lambda: raw_pdf(objects(), previous=b"\xb5\x01\xed\x07%PDF-1.7\n").replace(
            b"xref\n1 1", b"xref\n0 1\n0000000000 65535 f \n1 1"
        ),
        1,
    ),
    "comment before the header": (lambda: b"% Numerise par un appareil\r\n" + pdf_bytes(), 1),
    "head of a mail's part before the header": (
        lambda: (
            b"\r\n------=_Part_12_3456.7890\r\nContent-Type: application/pdf; name=cv.pdf\r\n"
            b"Content-Transfer-Encoding: binary\r\nContent-Disposition: attachment; filename=cv.pdf\r\n\r\n"
            + pdf_bytes()
            + b"\r\n------=_Part_12_3456.7890--\r\n"
        ),
        1,
    ),
    "head of a web server's answer before the header": (
        lambda: (
            b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: application/pdf\r\nContent-Length: 99\r\n\r\n"
            + pdf_bytes()
        ),
        1,
    ),
    "printer's language around it": (
        lambda: (
            b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n"
            + pdf_bytes()
            + b"\x1b%-12345X@PJL EOJ\r\n\x1b%-12345X"
        ),
        1,
    ),
    "zeros after the end": (lambda: pdf_bytes() + b"\0" * 3000, 1),
    "blanks and an end of file mark": (lambda: pdf_bytes() + b"\r\n  \r\n\x1a", 1),
    "boundary of a form after the end": (
        lambda: pdf_bytes() + b"\r\n------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n",
        1,
    ),
    "comment after the end": (lambda: pdf_bytes() + b"%EndExifToolUpdate 1234\n", 1),
    "without a break after the end": (lambda: pdf_bytes().rstrip(), 1),
    "carriage returns only": (lambda: raw_pdf(objects()).replace(b"startxref\n", b"startxref\r"), 1),
    "wrong length of a stream": (
        lambda: raw_pdf(objects({4: stream(TEXT).replace(b"<</Length %d" % len(TEXT), b"<</Length 7")})),
        1,
    ),
    "length in another object": (
        lambda: raw_pdf(
            objects(
                {4: stream(TEXT).replace(b"/Length %d" % len(TEXT), b"/Length 5 0 R"), 5: b"%d" % len(TEXT)}
            )
        ),
        1,
    ),
    "object without its end": (lambda: raw_pdf(objects()).replace(b"\nendobj\n4 0", b"\n       \n4 0"), 1),
    "comments between objects": (
        lambda: raw_pdf(objects(), previous=b"%PDF-1.4\n%Produced by x\n% (c) y\n").replace(
            b"xref\n1 1", b"xref\n0 1\n0000000000 65535 f \n1 1"
        ),
        1,
    ),
    "packed as LZW": (_lzw, 1),
    "packed as runs": (_runs, 1),
    "drawing in parts": (changed(_contents_in_parts), 1),
    "form among its own resources": (_shared_resources, 1),
    "glyphs drawn by hand": (_glyph_font, 1),
    "Chinese": (changed(_chinese), 1),
    "tagged": (changed(_tagged), 1),
    "signed": (changed(_signed), 1),
    "with an outline": (changed(_bookmarks), 1),
    "about programs": (changed(_about_code), 1),
    "with names and labels": (changed(_named), 1),
    "transparent": (changed(_transparent), 1),
    **{f"turned by {angle}": (_page_keys(Rotate=angle), 1) for angle in (90, 180, 270, -90)},
    "cropped": (_page_keys(CropBox=Array([36, 36, 576, 756])), 1),
    "cropped beyond the page": (_page_keys(CropBox=Array([-100, -100, 900, 900])), 1),
    "corner below zero": (_page_keys(MediaBox=Array([-100, -50, 512, 742])), 1),
    "sides in the other order": (_page_keys(MediaBox=Array([612, 792, 0, 0])), 1),
    "with a unit": (_page_keys(UserUnit=2), 1),
    "sheet of A3": (lambda: pdf_bytes(size=(842, 1191)), 1),
    "receipt of a till": (lambda: pdf_bytes(size=(226, 900)), 1),
    "scan": (lambda: scanned(scan()), 1),
    "scan in colour, JPEG 2000": (lambda: scanned(scan().convert("RGB"), "JPEG2000"), 1),
    "scan as a fax": (_fax, 1),
    "scan with a dark edge": (lambda: scanned(scan(border=40)), 1),
    "full page of text": (lambda: raw_pdf(objects({4: zipped(LINES)})), 1),
}

CASES: list[Case] = [honest(FAMILY, name, build, pages=pages) for name, (build, pages) in _BUILDERS.items()]
