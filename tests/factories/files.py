"""Files of candidates and of attackers, built by the tests: the repository contains no binary samples."""

import io
import random
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, ImageDraw

LETTER = (612, 792)


def new_pdf(pages: int = 1, *, size: tuple[float, float] = LETTER, text: str = "Page") -> pikepdf.Pdf:
    """Return an open PDF whose pages show one line of text each."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    )
    for number in range(1, pages + 1):
        content = f"BT /F1 24 Tf 72 {size[1] - 96} Td ({text} {number}) Tj ET"
        pdf.pages.append(
            pikepdf.Page(
                pdf.make_indirect(
                    Dictionary(
                        Type=Name.Page,
                        MediaBox=Array([0, 0, *size]),
                        Resources=Dictionary(Font=Dictionary(F1=font)),
                        Contents=Stream(pdf, content.encode("cp1252")),
                    )
                )
            )
        )
    return pdf


def saved(pdf: pikepdf.Pdf, **options: Any) -> bytes:
    """Return the bytes of an open PDF, reproducible unless it is encrypted."""
    out = io.BytesIO()
    pdf.save(out, deterministic_id="encryption" not in options, **options)
    return out.getvalue()


@cache
def pdf_bytes(pages: int = 1, **options: Any) -> bytes:
    """Return an ordinary PDF."""
    return saved(new_pdf(pages, **options))


def picture_bytes(
    kind: str = "JPEG", *, size: tuple[int, int] = (850, 1100), mode: str = "RGB", **options: object
) -> bytes:
    """Return a picture with a dark band at its top. `kind` HEIF: as phones send it, named HEIC."""
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0], size[1] // 4), fill=(9, 87, 151))
    out = io.BytesIO()
    picture.convert(mode).save(out, kind, **options)
    return out.getvalue()


def _with(change: Callable[[pikepdf.Pdf], None], pages: int = 1) -> bytes:
    pdf = new_pdf(pages)
    change(pdf)
    return saved(pdf)


def _annotation(pdf: pikepdf.Pdf, **keys: object) -> None:
    note = Dictionary(Type=Name.Annot, Rect=Array([72, 600, 200, 640]), F=4)
    for key, value in keys.items():
        note["/" + key] = value
    pdf.pages[0].obj.Annots = Array([*pdf.pages[0].obj.get("/Annots", []), pdf.make_indirect(note)])


def _javascript() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert('Bonjour')"))


def _open_action(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = _javascript()


def _launch(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String("cmd.exe"))


def _attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["charge.exe"] = b"MZ" + b"\0" * 64


def _attachment_note(pdf: pikepdf.Pdf) -> None:
    data = Stream(pdf, b"MZ", Type=Name.EmbeddedFile)
    spec = Dictionary(Type=Name.Filespec, F=String("charge.exe"), EF=Dictionary(F=data))
    _annotation(pdf, Subtype=Name.FileAttachment, FS=spec)


def _form(pdf: pikepdf.Pdf) -> None:
    look = Stream(
        pdf, b"0 0 1 rg 0 0 128 40 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 128, 40])
    )
    _annotation(
        pdf,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String("champ"),
        V=String("valeur"),
        AP=Dictionary(N=look),
        AA=Dictionary(K=_javascript()),
    )
    button = Dictionary(S=Name.SubmitForm, F=Dictionary(FS=Name.URL, F=String("https://exemple.invalid/")))
    _annotation(pdf, Subtype=Name.Widget, FT=Name.Btn, T=String("envoyer"), A=button)
    pdf.Root.AcroForm = Dictionary(Fields=Array(list(pdf.pages[0].obj.Annots)))


def _xfa(pdf: pikepdf.Pdf) -> None:
    _form(pdf)
    pdf.Root.AcroForm.XFA = Stream(pdf, b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")


def _dynamic_form(pdf: pikepdf.Pdf) -> None:
    _xfa(pdf)
    pdf.Root.NeedsRendering = True


def _portfolio(pdf: pikepdf.Pdf) -> None:
    _attachment(pdf)
    pdf.Root.Collection = Dictionary(View=Name.D)


def _bomb(pdf: pikepdf.Pdf) -> None:
    _raw_content(pdf, _zipped_spaces(3 * 1024 * 1024 * 1024), Name.FlateDecode)


def _double_bomb(pdf: pikepdf.Pdf) -> None:
    inner = zlib.compress(_zipped_spaces(2 * 1024 * 1024 * 1024), 9)
    _raw_content(pdf, inner, Array([Name.FlateDecode, Name.FlateDecode]))


def _many_bombs(pdf: pikepdf.Pdf) -> None:
    packed = _zipped_spaces(40 * 1024 * 1024)
    drawings = Dictionary()
    for number in range(60):
        drawing = Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
        drawing.write(packed + bytes([number]), filter=Name.FlateDecode)
        drawings[f"/X{number}"] = drawing
    pdf.pages[0].obj.Resources.XObject = drawings


def _lzw_bomb(pdf: pikepdf.Pdf) -> None:
    # One byte repeated: each code adds one byte to the code before it, until the table is full.
    codes = [32, *range(258, 4090), 256]
    cycle = "".join(f"{code:0{(rank + 257).bit_length()}b}" for rank, code in enumerate(codes, start=1))
    bits = f"{256:09b}{cycle * 96}"
    length = -(-len(bits) // 8)
    _raw_content(pdf, int(bits.ljust(length * 8, "0"), 2).to_bytes(length, "big"), Name.LZWDecode)


def _slow_drawing(pdf: pikepdf.Pdf) -> None:
    shapes = b"0.5 0.5 0.5 rg\n" + b"0 0 612 792 re 9 9 500 500 re f*\n" * 900_000
    _raw_content(pdf, zlib.compress(shapes, 9), Name.FlateDecode)


def _filter_tower(pdf: pikepdf.Pdf) -> None:
    data = b" " * 100
    for _floor in range(50):
        data = zlib.compress(data)
    _raw_content(pdf, data, Array([Name.FlateDecode] * 50))


def _raw_content(pdf: pikepdf.Pdf, data: bytes, name: Name | Array) -> None:
    content = Stream(pdf, b"")
    content.write(data, filter=name)
    # On the last page: the first page is rendered for its thumbnail, which would already detect it.
    pdf.pages[-1].obj.Contents = pdf.make_indirect(content)


def _zipped_spaces(size: int) -> bytes:
    machine = zlib.compressobj(9)
    block = b" " * (16 * 1024 * 1024)
    pieces = [machine.compress(block) for _part in range(size // len(block))]
    return b"".join([*pieces, machine.flush()])


def _giant_picture(pdf: pikepdf.Pdf) -> None:
    drawing = Stream(pdf, b"\0" * 64, Type=Name.XObject, Subtype=Name.Image, ColorSpace=Name.DeviceGray)
    drawing.Width, drawing.Height, drawing.BitsPerComponent = 90_000, 90_000, 1
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=drawing)


def _many_objects(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Junk = Array([pdf.make_indirect(Dictionary(N=number)) for number in range(120_000)])


def _many_values(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Junk = Array([Array([]) for _number in range(1_500_000)])


def _raw_pdf(body: bytes) -> bytes:
    """Return a hand-written PDF, without a cross-reference table."""
    return b"%PDF-1.7\n" + body + b"\ntrailer <</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


def _page_tree_loop() -> bytes:
    return _raw_pdf(
        b"1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Count 1/Kids[2 0 R]>> endobj"
    )


def _form_that_draws_itself() -> bytes:
    return _raw_pdf(
        b"1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> endobj\n"
        b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</XObject<</X 5 0 R>>>>>> endobj\n"
        b"4 0 obj <</Length 5>> stream\n/X Do\nendstream endobj\n"
        b"5 0 obj <</Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</X 5 0 R>>>>/Length 11>> stream\n"
        b"/X Do /X Do\nendstream endobj"
    )


def _deep_nesting() -> bytes:
    depth = 200_000
    return _raw_pdf(
        b"1 0 obj <</Type/Catalog/Pages 2 0 R/X " + b"[" * depth + b"]" * depth + b">> endobj\n"
        b"2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> endobj\n"
        b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>> endobj"
    )


def _no_pages() -> bytes:
    return saved(pikepdf.new())


def _cut_short() -> bytes:
    pdf = new_pdf(3)
    for number, page in enumerate(pdf.pages):
        # Noise does not compress: the cut is among the pages, not in the table at the end.
        noise = random.Random(number).randbytes(20_000)  # noqa: S311 -- repeatable noise, not a secret
        page.obj.Contents = Stream(pdf, b"%" + noise.replace(b"\n", b"").replace(b"\r", b"") + b"\n")
    whole = saved(pdf)
    return whole[: len(whole) * 6 // 10]


def _png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 6, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000, 9))
        + chunk(b"IEND", b"")
    )


def _encrypted(*, user: str) -> bytes:
    return saved(
        new_pdf(),
        encryption=pikepdf.Encryption(
            owner="maître", user=user, R=6, allow=pikepdf.Permissions(print_highres=False, extract=False)
        ),
    )


def _zip_after_pdf() -> bytes:
    return pdf_bytes() + b"PK\x05\x06" + b"\0" * 18


# Hostile files, by name: (bytes, code of the refusal or None, codes that must be reported as removed).
type Hostile = tuple[Callable[[], bytes], str | None, frozenset[str]]


def _neutralised(change: Callable[[pikepdf.Pdf], None], *codes: str) -> Hostile:
    return (lambda: _with(change), None, frozenset(codes))


def _refused(build: Callable[[], bytes], code: str) -> Hostile:
    return (build, code, frozenset())


HOSTILE: dict[str, Hostile] = {
    "open-action-javascript": _neutralised(_open_action, "OPEN_ACTION", "JAVASCRIPT"),
    "launch": _neutralised(_launch, "OPEN_ACTION", "LAUNCH"),
    "embedded-file": _neutralised(_attachment, "EMBEDDED_FILE"),
    "attachment-note": _neutralised(_attachment_note, "EMBEDDED_FILE"),
    "form-that-sends": _neutralised(_form, "FORM", "FORM_ACTION", "JAVASCRIPT"),
    "static-xfa": _neutralised(_xfa, "FORM", "XFA"),
    "zip-after-pdf": _refused(_zip_after_pdf, "POLYGLOT"),
    "dynamic-form": _refused(lambda: _with(_dynamic_form), "DYNAMIC_FORM"),
    "portfolio": _refused(lambda: _with(_portfolio), "PORTFOLIO"),
    "content-bomb": _refused(lambda: _with(_bomb, 2), "TOO_COMPLEX"),
    "double-bomb": _refused(lambda: _with(_double_bomb, 2), "TOO_COMPLEX"),
    "many-bombs": _refused(lambda: _with(_many_bombs, 2), "TOO_COMPLEX"),
    "lzw-bomb": _refused(lambda: _with(_lzw_bomb, 2), "TOO_COMPLEX"),
    "slow-drawing": _refused(lambda: _with(_slow_drawing), "TOO_COMPLEX"),
    "filter-tower": _refused(lambda: _with(_filter_tower), "TOO_COMPLEX"),
    "giant-picture": _refused(lambda: _with(_giant_picture), "TOO_COMPLEX"),
    "many-objects": _refused(lambda: _with(_many_objects), "TOO_COMPLEX"),
    "many-values": _refused(lambda: _with(_many_values), "TOO_COMPLEX"),
    "huge-page": _refused(lambda: pdf_bytes(size=(200_000, 200_000)), "DIMENSIONS"),
    "flat-page": _refused(lambda: pdf_bytes(size=(612, 0)), "DIMENSIONS"),
    "form-that-draws-itself": _refused(_form_that_draws_itself, "SELF_REFERENCE"),
    "page-tree-loop": _refused(_page_tree_loop, "SELF_REFERENCE"),
    "deep-nesting": _refused(_deep_nesting, "DAMAGED"),
    "no-pages": _refused(_no_pages, "NO_PAGES"),
    "encrypted": _refused(lambda: _encrypted(user="secret"), "ENCRYPTED"),
    "cut-short": _refused(_cut_short, "DAMAGED"),
    "header-alone": _refused(lambda: b"%PDF-1.7\n", "DAMAGED"),
    "noise-after-header": _refused(lambda: b"%PDF-1.4\n" + bytes(range(256)) * 400, "DAMAGED"),
    "program": _refused(lambda: b"MZ\x90\0" + b"\0" * 512, "NOT_ACCEPTED_TYPE"),
    "program-with-pdf-inside": _refused(lambda: b"MZ\x90\0" + b"\0" * 64 + pdf_bytes(), "NOT_ACCEPTED_TYPE"),
    "web-page": _refused(lambda: b"<!doctype html><script>1</script>", "NOT_ACCEPTED_TYPE"),
    "web-page-with-pdf-inside": _refused(lambda: b"<script>1</script>\n" + pdf_bytes(), "NOT_ACCEPTED_TYPE"),
    "svg": _refused(lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "NOT_ACCEPTED_TYPE"),
    "word-document": _refused(
        lambda: b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml" + b"\0" * 99, "NOT_ACCEPTED_TYPE"
    ),
    "gif": _refused(lambda: picture_bytes("GIF"), "NOT_ACCEPTED_TYPE"),
    "pixel-bomb": _refused(lambda: _png_claiming(60_000, 60_000), "DIMENSIONS"),
    "jpeg-cut-short": _refused(lambda: picture_bytes()[:2000], "DAMAGED"),
    "jpeg-header-alone": _refused(lambda: b"\xff\xd8\xff\xe0" + b"\0" * 40, "DAMAGED"),
    "png-cut-short": _refused(lambda: picture_bytes("PNG")[:60], "DAMAGED"),
    "empty": _refused(lambda: b"", "EMPTY"),
}


def _restricted() -> bytes:
    return _encrypted(user="")


def _filled_form() -> bytes:
    return _with(_form)


def _linearised() -> bytes:
    return saved(new_pdf(3), linearize=True)


def _old_style() -> bytes:
    return saved(new_pdf(2), object_stream_mode=pikepdf.ObjectStreamMode.disable, force_version="1.2")


def _wrong_offsets() -> bytes:
    return pdf_bytes(2).replace(b"startxref\n", b"startxref\n1")


def _printer_prefix() -> bytes:
    return b"\x1b%-12345X@PJL JOB\r\n" + pdf_bytes()


def _inherited_page_keys() -> bytes:
    pdf = new_pdf(2)
    pdf.Root.Pages.MediaBox = Array([0, 0, *LETTER])
    pdf.Root.Pages.Rotate = 90
    for page in pdf.pages:
        del page.obj["/MediaBox"]
    return saved(pdf)


def _odd_names() -> bytes:
    pdf = new_pdf()
    fonts = pdf.pages[0].obj.Resources.Font
    for name in ("/A", "/AA", "/Metadata", "/JS"):
        fonts[name] = fonts.F1
    content = b"BT /AA 24 Tf 72 700 Td (Page 1) Tj /Metadata 12 Tf (x) Tj ET"
    pdf.pages[0].obj.Contents = Stream(pdf, content)
    return saved(pdf)


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x8825] = {1: "N", 2: (46.0, 48.0, 0.0), 3: "W", 4: (71.0, 12.0, 0.0)}
    exif[0x010F] = "Appareil de Zoé"
    return exif


def _animated_png() -> bytes:
    frames = [Image.new("RGB", (60, 80), colour) for colour in ("white", "red")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


def _sixteen_bits() -> bytes:
    out = io.BytesIO()
    Image.new("I;16", (200, 300), 40_000).save(out, "PNG")
    return out.getvalue()


def _palette_with_transparency() -> bytes:
    return picture_bytes("PNG", mode="P", transparency=0)


# Valid files that careless portals refuse: (bytes, file name, pages).
HONEST: dict[str, tuple[Callable[[], bytes], str, int]] = {
    "plain": (pdf_bytes, "cv.pdf", 1),
    "restricted-but-open": (_restricted, "relevé de notes.pdf", 1),
    "filled-form": (_filled_form, "formulaire.pdf", 1),
    "linearised": (_linearised, "Lettre.PDF", 3),
    "pdf-1.2": (_old_style, "ancien.pdf", 2),
    "wrong-offsets": (_wrong_offsets, "réparé.pdf", 2),
    "printer-prefix": (_printer_prefix, "imprimé.pdf", 1),
    "bytes-after-the-end": (lambda: pdf_bytes() + b"\r\n\0\0", "cv.pdf", 1),
    "inherited-page-keys": (_inherited_page_keys, "hérité.pdf", 2),
    "fonts-named-like-actions": (_odd_names, "polices.pdf", 1),
    "a0-poster": (lambda: pdf_bytes(size=(2384, 3370)), "affiche.pdf", 1),
    "three-pages": (lambda: pdf_bytes(3), "cv de Zoé.pdf", 3),
    "named-as-picture": (pdf_bytes, "cv.jpg", 1),
    "no-extension": (pdf_bytes, "curriculum", 1),
    "jpeg": (picture_bytes, "relevé.jpeg", 1),
    "jpeg-sideways": (lambda: picture_bytes(exif=_exif(6)), "IMG_0001.JPG", 1),
    "jpeg-cmyk": (lambda: picture_bytes(mode="CMYK"), "cmyk.jpg", 1),
    "jpeg-grey-progressive": (lambda: picture_bytes(mode="L", progressive=True), "gris.jpg", 1),
    "jpeg-named-pdf": (picture_bytes, "diplôme.pdf", 1),
    "png": (lambda: picture_bytes("PNG"), "preuve.png", 1),
    "png-transparent": (lambda: picture_bytes("PNG", mode="RGBA"), "transparent.png", 1),
    "png-palette": (_palette_with_transparency, "palette.png", 1),
    "png-black-and-white": (lambda: picture_bytes("PNG", mode="1"), "noir.png", 1),
    "png-sixteen-bits": (_sixteen_bits, "seize.png", 1),
    "png-animated": (_animated_png, "animé.png", 1),
    "photo-48-megapixels": (lambda: picture_bytes(size=(8000, 6000), quality=60), "photo.jpg", 1),
    "one-pixel-wide": (lambda: picture_bytes("PNG", size=(1, 900)), "trait.png", 1),
}
