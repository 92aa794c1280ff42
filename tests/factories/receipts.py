"""Receipts for tests, rendered and signed as the portal does."""

import io
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pikepdf
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from intake.dossiers import render
from intake.dossiers.receipts.building import sign_pdf
from intake.dossiers.receipts.statement import ReceiptStatement
from intake.dossiers.receipts.verifying import verifying_address
from tests.factories.payloads import payload

NUMBER = "2027-020-000123-N"
SIGNED_AT = datetime(2026, 9, 30, 18, 33, tzinfo=UTC)
DIGEST = "sha256:" + "4f" * 32


def facts(**changes: Any) -> ReceiptStatement:
    """Return the statement of the receipt of `payloads.payload()`."""
    call = payload().call
    plain: dict[str, Any] = {
        "number": NUMBER,
        "received_at": "2026-09-30T18:32:05.999999Z",
        "offer": call.number,
        "organisation": call.organisation,
        "closes_at": call.closes_at,
        "time_zone": call.time_zone,
        "sequence": 1,
        "replaces": None,
        "seal": DIGEST,
        "documents": tuple(document.sha256 for document in payload().documents),
    }
    return ReceiptStatement(**plain | changes)


@cache
def drawn(*, in_english_too: bool = False) -> bytes:
    """Return the PDF of this statement, unsigned; rendered once per run, because rendering is slow."""
    patience, render.WALL_SECONDS = render.WALL_SECONDS, 300
    try:
        return render.render_receipt(
            payload(), facts=facts(), address=verifying_address(facts()), in_english_too=in_english_too
        )
    finally:
        render.WALL_SECONDS = patience


def signed() -> bytes:
    """Return the PDF signed by the current key, signed at each call."""
    return sign_pdf(drawn(), at=SIGNED_AT)


def in_its_other_form(value: bytes) -> bytes:
    """Return (r, n - s) for a P-256 signature (r, s) in DER, which is valid too."""
    order = 2**256 - 2**224 + 2**192 - 0x4319055258E8617B0C46353D039CDAAF
    r, s = decode_dss_signature(value)
    return encode_dss_signature(r, order - s)


def signature_in(content: bytes) -> bytes:
    """Return the signature of a PDF, in DER."""
    return bytes(_signed_by(content).signer_info["signature"].native)


def with_its_other_form(content: bytes) -> bytes:
    """Return the PDF with the other form of its signature, which needs no key to compute."""
    from asn1crypto.cms import ContentInfo  # noqa: PLC0415 -- slow to import, used here only
    from asn1crypto.parser import peek  # noqa: PLC0415 -- slow to import, used here only

    signature = _signed_by(content)
    first, length, second, _rest = (int(part) for part in signature.byte_range)
    held = bytes(signature.pkcs7_content)
    cms = ContentInfo.load(held[: peek(held)])
    signer = cms["content"]["signer_infos"][0]
    signer["signature"] = in_its_other_form(signer["signature"].native)
    written: bytes = cms.dump(force=True).hex().upper().encode()
    gap = b"<" + written.ljust(second - length - 2, b"0") + b">"
    return content[first:length] + gap + content[second:]


def _signed_by(content: bytes) -> Any:
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 -- slow to import, used here only

    return PdfFileReader(io.BytesIO(content)).embedded_signatures[0]


def without_last_update(content: bytes) -> bytes:
    """Return the PDF as it was before its signature was added."""
    return content[: content.rindex(b"%%EOF", 0, content.rindex(b"%%EOF")) + len(b"%%EOF\n")]


def resaved(content: bytes) -> bytes:
    """Return the PDF as another program would save it, with the same appearance."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(out)
    return out.getvalue()


def with_an_update(content: bytes) -> bytes:
    """Return the PDF with an incremental update, as a tool that fills or annotates forms adds one."""
    from pyhanko.pdf_utils.generic import pdf_name, pdf_string  # noqa: PLC0415 -- slow to import, used here only
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 -- slow to import, used here only

    out = io.BytesIO()
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(content))
    writer.root[pdf_name("/Lang")] = pdf_string("en-CA")
    writer.update_root()
    writer.write(out)
    return out.getvalue()
