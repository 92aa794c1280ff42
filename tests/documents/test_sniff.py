"""The type of a file is determined by its first bytes, not by its name."""

import pytest

from intake.documents.child.inspect import PDF, PDF_HEADER_WITHIN, sniff

_ZIP = b"PK\x03\x04" + b"\0" * 26
HEADS = [
    (b"\xff\xd8\xff\xe0", "image/jpeg"),
    (b"\xff\xd8\x00", "OTHER"),
    (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
    (b"\x89PNG\n\x1a\n", "OTHER"),
    (b"%PDF-1.7", "application/pdf"),
    (b"%PDF 1.7", "OTHER"),
    (_ZIP + b"photos/1.jpg", "ZIP"),
    (b"PK\x05\x06" + b"\0" * 18, "ZIP"),
    (_ZIP + b"word/document.xml", "OFFICE"),
    (_ZIP + b"xl/workbook.xml", "OFFICE"),
    (_ZIP + b"ppt/presentation.xml", "OFFICE"),
    (_ZIP + b"[Content_Types].xml", "OFFICE"),
    (_ZIP + b"mimetypeapplication/vnd.oasis.opendocument.text", "OFFICE"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OFFICE"),
    (b"{\\rtf1", "OFFICE"),
    (b"GIF89a", "IMAGE"),
    (b"BM\x36", "IMAGE"),
    (b"II*\x00", "IMAGE"),
    (b"MM\x00*", "IMAGE"),
    (b"RIFF\0\0\0\0WEBP", "IMAGE"),
    (b"\x00\x00\x00\x0cjP  \r\n", "IMAGE"),
    (b"MZ\x90\0", "PROGRAM"),
    (b"\x7fELF", "PROGRAM"),
    (b"\xcf\xfa\xed\xfe", "PROGRAM"),
    (b"#!/bin/sh", "PROGRAM"),
    (b"%!PS-Adobe-3.0\n%PDF-1.7", "OTHER"),
    *((b"\0\0\0\x18ftyp" + brand, "image/heic") for brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1")),
    (b"\0\0\0\x1cftypMSNV\0\0\0\0mif1heic", "image/heic"),
    (b"\0\0\0\x14ftypMSNV\0\0\0\0mif1", "image/heic"),
    (b"\0\0\0\x10ftypMSNV\0\0\0\0heic", "OTHER"),
    (b"\0\0\0\x18ftypavif", "IMAGE"),
    (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "IMAGE"),
    (b"\0\0\0\x18ftypmp42", "OTHER"),
    (b"\0\0\0\x18ftyzheic", "OTHER"),
    (b"<html>", "WEB"),
    (b"\xef\xbb\xbf \t\r\n<svg/>\n%PDF-1.7", "WEB"),
    (b"x<html>", "OTHER"),
    (b"", "OTHER"),
]


@pytest.mark.parametrize("head, found", HEADS, ids=[repr(head[:40]) for head, _found in HEADS])
def test_a_file_type_is_recognised_by_its_first_bytes(head: bytes, found: str) -> None:
    assert sniff(head) == found


@pytest.mark.parametrize("before, found", [(1, PDF), (1024, PDF), (1025, "OTHER")])
def test_the_header_of_a_pdf_may_come_after_other_bytes_within_the_first_1024(
    before: int, found: str
) -> None:
    assert PDF_HEADER_WITHIN == 1024
    assert sniff(b"\x1b" * before + b"%PDF-1.7") == found


def test_a_file_that_begins_as_another_type_is_not_a_pdf() -> None:
    """Other programs open a file as the type it begins with, even with a PDF inside."""
    heads = [b"MZ\x90\0", b"<script>", b"GIF89a", _ZIP]
    assert [sniff(head + b"%PDF-1.7") for head in heads] == ["PROGRAM", "WEB", "IMAGE", "ZIP"]
