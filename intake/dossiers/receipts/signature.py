"""Sign a receipt's PDF: PAdES B-B (ETSI EN 319 142-1), certified so that no later change is allowed."""

import io
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from intake.dossiers.child.receipt_form import FIELD
from intake.signing.keys import to_low_s
from intake.signing.services import current_key

_RESERVED_BYTES = 4096
"""Bytes reserved for the signature, which has about 1.3 kB: constant, whatever the length of the key's name."""


def sign_pdf(content: bytes, *, at: datetime) -> bytes:
    """Return a receipt's PDF with the current key's signature in its signature field.

    `at` (aware) is the signing time. The rest of the file is unchanged, byte for byte.

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
        IncrementalPdfFileWriter(io.BytesIO(content)),
        existing_fields_only=True,
        bytes_reserved=2 * _RESERVED_BYTES,
        output=signed,
    )
    return signed.getvalue()
