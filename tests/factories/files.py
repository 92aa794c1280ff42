"""Files of candidates and of attackers, built by the tests: the repository contains no binary samples."""

import io
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


def _deep_nesting() -> bytes:
    depth = 200_000
    return _raw_pdf(
        b"1 0 obj <</Type/Catalog/Pages 2 0 R/X " + b"[" * depth + b"]" * depth + b">> endobj\n"
        b"2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> endobj\n"
        b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>> endobj"
    )


def _no_pages() -> bytes:
    return saved(pikepdf.new())


def _encrypted(*, user: str) -> bytes:
    return saved(
        new_pdf(),
        encryption=pikepdf.Encryption(
            owner="maître", user=user, R=6, allow=pikepdf.Permissions(print_highres=False, extract=False)
        ),
    )


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
    "dynamic-form": _refused(lambda: _with(_dynamic_form), "DYNAMIC_FORM"),
    "portfolio": _refused(lambda: _with(_portfolio), "PORTFOLIO"),
    "many-bombs": _refused(lambda: _with(_many_bombs, 2), "TOO_COMPLEX"),
    "lzw-bomb": _refused(lambda: _with(_lzw_bomb, 2), "TOO_COMPLEX"),
    "slow-drawing": _refused(lambda: _with(_slow_drawing), "TOO_COMPLEX"),
    "filter-tower": _refused(lambda: _with(_filter_tower), "TOO_COMPLEX"),
    "giant-picture": _refused(lambda: _with(_giant_picture), "TOO_COMPLEX"),
    "many-objects": _refused(lambda: _with(_many_objects), "TOO_COMPLEX"),
    "many-values": _refused(lambda: _with(_many_values), "TOO_COMPLEX"),
    "deep-nesting": _refused(_deep_nesting, "DAMAGED"),
    "no-pages": _refused(_no_pages, "NO_PAGES"),
    "encrypted": _refused(lambda: _encrypted(user="secret"), "ENCRYPTED"),
    "noise-after-header": _refused(lambda: b"%PDF-1.4\n" + bytes(range(256)) * 400, "DAMAGED"),
    "jpeg-header-alone": _refused(lambda: b"\xff\xd8\xff\xe0" + b"\0" * 40, "DAMAGED"),
}


def _restricted() -> bytes:
    return _encrypted(user="")


def _filled_form() -> bytes:
    return _with(_form)


def _wrong_offsets() -> bytes:
    return pdf_bytes(2).replace(b"startxref\n", b"startxref\n1")


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


# Valid files that careless portals refuse: (bytes, file name, pages).
HONEST: dict[str, tuple[Callable[[], bytes], str, int]] = {
    "restricted-but-open": (_restricted, "relevé de notes.pdf", 1),
    "filled-form": (_filled_form, "formulaire.pdf", 1),
    "wrong-offsets": (_wrong_offsets, "réparé.pdf", 2),
    "inherited-page-keys": (_inherited_page_keys, "hérité.pdf", 2),
    "fonts-named-like-actions": (_odd_names, "polices.pdf", 1),
    "three-pages": (lambda: pdf_bytes(3), "cv de Zoé.pdf", 3),
    "jpeg-sideways": (lambda: picture_bytes(exif=_exif(6)), "IMG_0001.JPG", 1),
    "png-transparent": (lambda: picture_bytes("PNG", mode="RGBA"), "transparent.png", 1),
    "png-animated": (_animated_png, "animé.png", 1),
    "photo-48-megapixels": (lambda: picture_bytes(size=(8000, 6000), quality=60), "photo.jpg", 1),
    "one-pixel-wide": (lambda: picture_bytes("PNG", size=(1, 900)), "trait.png", 1),
}
