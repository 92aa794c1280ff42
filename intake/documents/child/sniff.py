"""Detection of a file's type by its first bytes; its name is not used."""

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"

# Other bytes may precede a PDF's header (ISO 32000-1, annex H.3.4.1, note 13: within the first 1024).
PDF_HEADER_WITHIN = 1024

_SIGNATURES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"%PDF-", PDF),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OFFICE"),
    (b"{\\rtf", "OFFICE"),
    (b"GIF8", "IMAGE"),
    (b"BM", "IMAGE"),
    (b"II*\x00", "IMAGE"),
    (b"MM\x00*", "IMAGE"),
    (b"RIFF", "IMAGE"),
    (b"\x00\x00\x00\x0cjP  ", "IMAGE"),
    (b"MZ", "PROGRAM"),
    (b"\x7fELF", "PROGRAM"),
    (b"\xcf\xfa\xed\xfe", "PROGRAM"),
    (b"#!", "PROGRAM"),
    (b"%!PS", "OTHER"),
)
_OFFICE_PARTS = (b"word/", b"xl/", b"ppt/", b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis")
_PHONE_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")


def sniff(head: bytes) -> str:
    """Return the media type of an accepted kind of file, or the family of a refused one.

    `head` is at least the first 4096 bytes, or the whole file. Families: OFFICE, ZIP, IMAGE, PHONE_IMAGE, WEB, PROGRAM,
    OTHER.
    """
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return "OFFICE" if found == "ZIP" and any(part in head for part in _OFFICE_PARTS) else found
    if head[4:8] == b"ftyp" and head[8:12] in _PHONE_BRANDS:
        return "PHONE_IMAGE"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return "WEB"
    if b"%PDF-" in head[: PDF_HEADER_WITHIN + 5]:
        return PDF
    return "OTHER"
