"""Generate and sign the receipt of a filing once, and its file again if the storage lost it."""

import io
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from intake.dossiers.child.receipt_format import FIELD
from intake.dossiers.models import Seal, SignedReceipt
from intake.dossiers.render import render_receipt
from intake.dossiers.services import read_seal, verify_seal
from intake.dossiers.storage import is_complete_file, replace_lost_receipt, store_once
from intake.signing.keys import to_low_s
from intake.signing.services import current_key, sign

from .receipt_file import make_json_receipt
from .statement import ReceiptStatement
from .verifying import verifying_address

_RESERVED_BYTES = 4096
"""Bytes reserved for the signature, which has about 1.3 kB: constant, whatever the length of the key's name."""


def build_receipt(
    *, seal: Seal, facts: ReceiptStatement, in_english_too: bool, at: datetime
) -> SignedReceipt:
    """Generate and sign the PDF and the JSON receipt. Idempotent: return the existing receipt if there is one.

    If its PDF is missing or truncated in the storage, generate and sign it again and record that in the journal; the
    JSON receipt is kept. `facts` is the statement of the filing sealed by `seal`. `at` (aware) is the signing time of
    the PDF. In French, then in English too if `in_english_too`.

    :raises AnonymisedError: if the payload was erased.
    :raises AlteredError: if the seal's content does not match its digest.
    :raises intake.dossiers.render.RenderError: if the PDF could not be generated within the limits.
    :raises intake.signing.services.NoKeyError: if there is no signing key.
    """
    made = SignedReceipt.objects.filter(seal=seal).first()
    if made is not None and is_complete_file(made):
        return made
    verify_seal(seal)
    drawn = render_receipt(
        read_seal(seal), facts=facts, address=verifying_address(facts), in_english_too=in_english_too
    )
    content = sign_pdf(drawn, at=at)
    if made is not None:
        replace_lost_receipt(receipt=made, content=content, at=at)
        return made
    twin = make_json_receipt(facts, sign(facts.canonical()))
    receipt = SignedReceipt(seal=seal, number=facts.number, code=facts.code, twin=twin, built_at=at)
    return store_once(receipt, content)


def sign_pdf(content: bytes, *, at: datetime) -> bytes:
    """Return a receipt's PDF with the current key's signature in its signature field.

    PAdES B-B (ETSI EN 319 142-1), certified so that no later change is allowed. `at` (aware) is the signing time. The
    rest of the file is unchanged, byte for byte.

    :raises intake.signing.services.NoKeyError: if there is no signing key.
    """
    own = current_key()
    from asn1crypto.keys import PrivateKeyInfo  # noqa: PLC0415 -- heavy, and only workers sign
    from asn1crypto.x509 import Certificate  # noqa: PLC0415 -- heavy, and only workers sign
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 -- heavy, for workers
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner  # noqa: PLC0415 -- heavy, for workers
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter  # noqa: PLC0415 -- heavy, and only workers sign
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415 -- heavy, for workers

    class LowFormSigner(SimpleSigner):
        """Write signatures in low-s form, the only form that the portal accepts (`intake.signing.keys.is_low_s`)."""

        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            return to_low_s(super().sign_raw(data, digest_algorithm))

    class UnchangedMetadata(IncrementalPdfFileWriter):
        """Add the signature only: the library would write metadata again, by its own clock and not as PDF/A asks."""

        def _update_meta(self) -> None:
            pass

    class SignerAt(PdfSigner):
        """Use `at` as the signing time; the library would read the clock."""

        def init_signing_session(self, *args: Any, **options: Any) -> Any:
            session = super().init_signing_session(*args, **options)
            session.system_time = at.astimezone(UTC)
            return session

    secret = own.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SignerAt(
        PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        ),
        signer=LowFormSigner(
            signing_cert=Certificate.load(own.certificate.public_bytes(Encoding.DER)),
            signing_key=PrivateKeyInfo.load(secret),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]  # -- the library types the rest
        ),
    )
    signed = io.BytesIO()
    signer.sign_pdf(
        UnchangedMetadata(io.BytesIO(content)),
        existing_fields_only=True,
        bytes_reserved=2 * _RESERVED_BYTES,
        output=signed,
    )
    return signed.getvalue()
