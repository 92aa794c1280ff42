"""Uploads that point outwards: each names an address or a file of elsewhere, in one of the ways of its format.

`target` is what they name: a URL, or a path.
"""

import io
from collections.abc import Callable
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, PngImagePlugin

from tests.factories.files import new_pdf, picture_bytes, saved

type Change = Callable[[pikepdf.Pdf, str], None]


def _spec(target: str) -> Dictionary:
    named = Dictionary(Type=Name.Filespec, F=String(target), UF=String(target))
    if "://" in target:
        named.FS = Name.URL
    return named


def _note(pdf: pikepdf.Pdf, **keys: object) -> None:
    note = Dictionary(Type=Name.Annot, Rect=Array([72, 600, 200, 640]), F=4)
    for key, value in keys.items():
        note["/" + key] = value
    page = pdf.pages[0].obj
    page.Annots = Array([*page.get("/Annots", []), pdf.make_indirect(note)])


def _action(**keys: object) -> Change:
    def change(pdf: pikepdf.Pdf, target: str) -> None:
        action = Dictionary()
        for key, value in keys.items():
            action["/" + key] = _spec(target) if value is _spec else String(target) if value is str else value
        _note(pdf, Subtype=Name.Link, A=action)
        pdf.Root.OpenAction = action
        pdf.pages[0].obj.AA = Dictionary(O=action)

    return change


def _external(pdf: pikepdf.Pdf, target: str, **keys: object) -> Stream:
    """Return a stream whose data are elsewhere (ISO 32000-1, 7.3.8.2)."""
    stream = Stream(pdf, b"")
    for key, value in keys.items():
        stream["/" + key] = value
    stream.F = _spec(target)
    return stream


def _draw(pdf: pikepdf.Pdf, kind: str, thing: pikepdf.Object, operators: str) -> None:
    """Add a resource to the page, and operators that use it as `@`."""
    page = pdf.pages[0]
    resources = page.obj.Resources
    if f"/{kind}" not in resources:
        resources[f"/{kind}"] = Dictionary()
    name = f"/R{len(list(resources[f'/{kind}'].keys()))}"
    resources[f"/{kind}"][name] = thing
    page.contents_add(Stream(pdf, operators.replace("@", name).encode()))


def _contents(pdf: pikepdf.Pdf, target: str) -> None:
    page = pdf.pages[0].obj
    drawn = list(page.Contents) if isinstance(page.Contents, Array) else [page.Contents]
    page.Contents = Array([*drawn, pdf.make_indirect(_external(pdf, target))])


def _drawing(pdf: pikepdf.Pdf, target: str) -> None:
    form = _external(pdf, target, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    _draw(pdf, "XObject", form, "@ Do")


def _picture(pdf: pikepdf.Pdf, target: str) -> None:
    keys = {"Width": 8, "Height": 8, "BitsPerComponent": 8, "ColorSpace": Name.DeviceGray}
    picture = _external(pdf, target, Type=Name.XObject, Subtype=Name.Image, **keys)
    picture.FFilter = Name.DCTDecode
    _draw(pdf, "XObject", picture, "q 9 0 0 9 0 0 cm @ Do Q")


def _reference(pdf: pikepdf.Pdf, target: str) -> None:
    form = Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    form.Ref = Dictionary(F=_spec(target), Page=0)
    _draw(pdf, "XObject", form, "@ Do")


def _opi(pdf: pikepdf.Pdf, target: str) -> None:
    form = Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    form.OPI = Dictionary({"/2.0": Dictionary(Type=Name.OPI, Version=2.0, F=_spec(target))})
    _draw(pdf, "XObject", form, "@ Do")


def _postscript(pdf: pikepdf.Pdf, target: str) -> None:
    program = f"({target}) (r) file closefile ({target}) run".encode()
    _draw(pdf, "XObject", Stream(pdf, program, Type=Name.XObject, Subtype=Name.PS), "@ Do")


def _font(pdf: pikepdf.Pdf, **keys: object) -> None:
    font = Dictionary(
        Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.Elsewhere, FirstChar=65, LastChar=65
    )
    font.Widths = Array([500])
    for key, value in keys.items():
        font["/" + key] = value
    _draw(pdf, "Font", pdf.make_indirect(font), "BT @ 9 Tf 72 500 Td (A) Tj ET")


def _font_file(pdf: pikepdf.Pdf, target: str) -> None:
    keys = {"Flags": 32, "ItalicAngle": 0, "Ascent": 900, "Descent": -200, "CapHeight": 700, "StemV": 80}
    described = Dictionary(
        Type=Name.FontDescriptor, FontName=Name.Elsewhere, FontBBox=Array([0, 0, 900, 900])
    )
    for key, value in keys.items():
        described["/" + key] = value
    described.FontFile2 = pdf.make_indirect(_external(pdf, target))
    _font(pdf, FontDescriptor=pdf.make_indirect(described))


def _font_name(pdf: pikepdf.Pdf, target: str) -> None:
    _font(pdf, BaseFont=Name("/" + target), Subtype=Name.Type1)


def _character_map(pdf: pikepdf.Pdf, target: str) -> None:
    mapped = Stream(pdf, f"/{target} usecmap".encode(), Type=Name.CMap, CMapName=Name("/" + target))
    mapped.UseCMap = Name("/" + target)
    inner = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.Elsewhere)
    inner.CIDSystemInfo = Dictionary(Registry=String(target), Ordering=String(target), Supplement=0)
    descendants = Array([pdf.make_indirect(inner)])
    for encoding in (mapped, Name("/" + target)):
        _font(pdf, Subtype=Name.Type0, Encoding=encoding, ToUnicode=mapped, DescendantFonts=descendants)


def _profile(pdf: pikepdf.Pdf, target: str) -> None:
    space = Array([Name.ICCBased, pdf.make_indirect(_external(pdf, target, N=3))])
    _draw(pdf, "ColorSpace", space, "@ cs 1 0 0 sc 0 0 9 9 re f")
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                DestOutputProfile=space[1],
                RegistryName=String(target),
            )
        ]
    )


def _form_field(pdf: pikepdf.Pdf, target: str) -> None:
    look = _external(pdf, target, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    keys = {"FT": Name.Tx, "T": String("x"), "V": _external(pdf, target), "AP": Dictionary(N=look)}
    _note(pdf, Subtype=Name.Widget, **keys)
    field = pdf.pages[0].obj.Annots[-1]
    if "/AcroForm" in pdf.Root:
        pdf.Root.AcroForm.Fields.append(field)
    else:
        fields = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=fields, NeedAppearances=True, DA=String("/Helv 0 Tf"))
    pdf.Root.AcroForm.XFA = Stream(pdf, _xml(target))


def _xml(target: str) -> bytes:
    return (
        f'<?xml version="1.0"?><?xml-stylesheet href="{target}"?><!DOCTYPE x SYSTEM "{target}"'
        f' [<!ENTITY e SYSTEM "{target}"><!ENTITY % p SYSTEM "{target}"> %p;]><x>&e;</x>'
    ).encode()


def _metadata(pdf: pikepdf.Pdf, target: str) -> None:
    packet = Stream(pdf, _xml(target), Type=Name.Metadata, Subtype=Name.XML)
    pdf.Root.Metadata = packet
    pdf.pages[0].obj.Metadata = packet


def _media(pdf: pikepdf.Pdf, target: str) -> None:
    clip = Dictionary(Type=Name.MediaClip, S=Name.MCD, CT=String("video/mp4"), D=_spec(target))
    played = Dictionary(Type=Name.Rendition, S=Name.MR, C=clip)
    _note(pdf, Subtype=Name.Screen, A=Dictionary(S=Name.Rendition, OP=0, R=played))
    _note(pdf, Subtype=Name.Movie, Movie=Dictionary(F=_spec(target)), A=True)
    _note(pdf, Subtype=Name.Sound, Sound=_external(pdf, target, Type=Name.Sound, R=8000))
    _note(pdf, Subtype=Name("/3D"), **{"3DD": _external(pdf, target, Type=Name("/3D"), Subtype=Name.U3D)})
    _note(
        pdf,
        Subtype=Name.RichMedia,
        RichMediaContent=Dictionary(Assets=Dictionary(Names=Array([_spec(target)]))),
    )


def _attached(pdf: pikepdf.Pdf, target: str) -> None:
    spec = pdf.make_indirect(_spec(target))
    spec.EF = Dictionary(F=_external(pdf, target, Type=Name.EmbeddedFile))
    _note(pdf, Subtype=Name.FileAttachment, FS=spec)
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(target), spec])))
    pdf.Root.AF = Array([spec])


def _captured(pdf: pikepdf.Pdf, target: str) -> None:
    pdf.Root.SpiderInfo = Dictionary(V=1.0, C=Array([Dictionary(URL=String(target))]))
    pdf.Root.URI = Dictionary(Base=String(target))
    pdf.Root.Threads = Array([Dictionary(F=_spec(target))])


OUTWARD: Final[dict[str, Change]] = {
    "uri": _action(S=Name.URI, URI=str),
    "launch": _action(S=Name.Launch, F=_spec, Win=Dictionary(F=String("cmd.exe"))),
    "remote": _action(S=Name.GoToR, F=_spec, D=Array([0, Name.Fit])),
    "embedded": _action(S=Name.GoToE, F=_spec, T=Dictionary(R=Name.C)),
    "submit": _action(S=Name.SubmitForm, F=_spec),
    "import": _action(S=Name.ImportData, F=_spec),
    "thread": _action(S=Name.Thread, F=_spec, D=0),
    "script": _action(S=Name.JavaScript, JS=str),
    "contents": _contents,
    "drawing": _drawing,
    "picture": _picture,
    "reference": _reference,
    "opi": _opi,
    "postscript": _postscript,
    "font-file": _font_file,
    "font-name": _font_name,
    "character-map": _character_map,
    "profile": _profile,
    "form": _form_field,
    "metadata": _metadata,
    "media": _media,
    "attached": _attached,
    "captured": _captured,
}
"""Ways of PDF, by name."""


def outward_pdf(*targets: str, ways: tuple[str, ...] = tuple(OUTWARD)) -> bytes:
    """Return a PDF of one page that names each target in each of these ways."""
    pdf = new_pdf()
    for target in targets:
        for way in ways:
            OUTWARD[way](pdf, target)
    return saved(pdf)


def _svg(target: str) -> bytes:
    image = f'<image xlink:href="{target}" href="{target}"/><use href="{target}#x"/>'
    return _xml(target).replace(
        b"<x>", b'<svg xmlns:xlink="http://www.w3.org/1999/xlink">%b<x>' % image.encode()
    )


def _png(target: str) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", _xml(target).decode())
    texts.add_text("URL", target)
    out = io.BytesIO()
    Image.new("RGB", (400, 500), "white").save(out, "PNG", pnginfo=texts)
    return out.getvalue()


PICTURES: Final[dict[str, Callable[[str], bytes]]] = {
    "svg": _svg,
    "svg-after-png": lambda target: picture_bytes("PNG") + _svg(target),
    "png": _png,
    "jpeg": lambda target: picture_bytes(comment=_svg(target), xmp=_xml(target)),
    "postscript": lambda target: f"%!PS\n({target}) run".encode(),
    "html": lambda target: f'<html><img src="{target}"></html>'.encode(),
    "playlist": lambda target: f"#EXTM3U\n{target}\n".encode(),
    "pdf-in-xml": lambda target: b"\n" + _xml(target) + outward_pdf(target),
}
"""Files of other formats, some of them called pictures, by name."""
