"""An independent reading of a cleaned PDF: what is left in it that should not be."""

import io
import re

import pikepdf

from tests.factories.documents import active_parts

FORBIDDEN = re.compile(
    rb"MARQUE-ACTIVE|/JavaScript|/JS[\s(<]|/Launch|/SubmitForm|/RichMedia|/EmbeddedFile|/XFA|/AcroForm|/URI|/Annots|"
    rb"<\?php|<script|/Metadata|/PieceInfo|/Author|ns\.adobe\.com/xap|Photoshop 3\.0|PK\x05\x06|/Encrypt"
)


def unpacked(content: bytes) -> bytes:
    """Return a PDF with every object and every general stream in the clear."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(
            out,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.specialized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return out.getvalue()


def left_in(content: bytes, *, is_honest: bool) -> list[str]:
    """Return what a cleaned file must not contain; an honest text may speak of programs."""
    found = active_parts(content)
    if not is_honest:
        found += [
            part.decode("latin-1")
            for part in FORBIDDEN.findall(content) + FORBIDDEN.findall(unpacked(content))
        ]
    if not content.endswith(b"%%EOF\n") or not content.startswith(b"%PDF-"):
        found.append("bytes around the PDF")
    return found
