"""A signed receipt has exactly one encoding; any other is a change, even in bytes that the signature omits."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import pikepdf
import pytest
from asn1crypto.algos import DigestAlgorithm
from asn1crypto.cms import ContentInfo
from asn1crypto.parser import peek
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader

from intake.dossiers.child import receipt_reader
from intake.dossiers.receipts import building
from intake.signing.services import current_key, known_keys
from tests.factories.receipts import SIGNED_AT, drawn, signed


@pytest.fixture(scope="module")
def content() -> bytes:
    return signed()


@cache
def embedded(content: bytes) -> Any:
    return PdfFileReader(io.BytesIO(content)).embedded_signatures[0]


def read(content: bytes) -> dict[str, str]:
    return receipt_reader.read(content, known_keys())


def test_the_signature_has_a_fixed_size_and_leaves_the_rest_unchanged(content: bytes) -> None:
    found = embedded(content)
    first, length, second, rest = (int(number) for number in found.byte_range)
    assert (first, second - length, second + rest) == (0, 2 * 4096 + 2, len(content))
    assert content.startswith(drawn())
    assert len(bytes(found.pkcs7_content)) == 4096


def test_it_uses_sha_256_and_the_own_certificate_without_a_second_signing_time(content: bytes) -> None:
    signer, data = embedded(content).signer_info, embedded(content).signed_data
    certificate = current_key().certificate.public_bytes(Encoding.DER)
    assert [choice.chosen.dump() for choice in data["certificates"]] == [certificate]
    assert signer["digest_algorithm"]["algorithm"].native == "sha256"
    assert [row["algorithm"].native for row in data["digest_algorithms"]] == ["sha256"]
    assert signer["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
    attributes = {row["type"].native: row["values"][0] for row in signer["signed_attrs"]}
    assert attributes.keys() >= {"content_type", "message_digest", "signing_certificate_v2"}
    assert "signing_time" not in attributes  # PAdES (EN 319 142-1, 5.3): the dictionary has the instant
    named = attributes["signing_certificate_v2"]["certs"][0]
    assert named["cert_hash"].native == hashlib.sha256(certificate).digest()


def test_the_signing_instant_is_written_in_utc() -> None:
    at = datetime.fromisoformat("2026-09-30T14:33:00-04:00")
    assert at == SIGNED_AT
    made = building.sign_pdf(drawn(), at=at)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert str(pdf.Root.AcroForm.Fields[0].V.M) == "D:20260930183300Z"


# -- Bytes that the signature does not cover ---------


def rewritten(content: bytes, change: Callable[[Any], object]) -> bytes:
    """Return the PDF with a part of its signature encoded otherwise; some changes need no key."""
    found = embedded(content)
    held = bytes(found.pkcs7_content)
    cms = ContentInfo.load(held[: peek(held)])
    made = change(cms)
    return in_the_gap(content, made if isinstance(made, bytes) else cms.dump(force=True))


def in_the_gap(content: bytes, der: bytes, *, fill: bytes = b"0", small: bool = False) -> bytes:
    first, length, second, _rest = (int(number) for number in embedded(content).byte_range)
    figures = der.hex().encode() if small else der.hex().upper().encode()
    return content[first:length] + b"<" + figures.ljust(second - length - 2, fill) + b">" + content[second:]


def _der(content: bytes) -> bytes:
    held = bytes(embedded(content).pkcs7_content)
    return held[: peek(held)]


def _without_parameters() -> DigestAlgorithm:
    return DigestAlgorithm.load(bytes.fromhex("300b0609608648016503040201"))


def _as_version_3(cms: Any) -> None:
    cms["content"]["version"] = "v3"


def _as_a_signer_of_version_3(cms: Any) -> None:
    cms["content"]["signer_infos"][0]["version"] = "v3"


def _of_other_parameters(cms: Any) -> None:
    cms["content"]["digest_algorithms"] = [_without_parameters()]


def _of_two_digests(cms: Any) -> None:
    (algorithm,) = cms["content"]["digest_algorithms"]
    cms["content"]["digest_algorithms"] = [algorithm, DigestAlgorithm({"algorithm": "sha512"})]


def _of_a_signer_with_other_parameters(cms: Any) -> None:
    cms["content"]["signer_infos"][0]["digest_algorithm"] = _without_parameters()


def _with_a_list_of_what_is_revoked(cms: Any) -> None:
    from asn1crypto.crl import CertificateList, TbsCertList  # noqa: PLC0415 -- used in this test only

    listed = TbsCertList(
        {
            "signature": {"algorithm": "sha256_ecdsa"},
            "issuer": cms["content"]["certificates"][0].chosen.issuer,
            "this_update": {"utc_time": SIGNED_AT},
        }
    )
    empty = {"tbs_cert_list": listed, "signature_algorithm": {"algorithm": "sha256_ecdsa"}, "signature": b""}
    cms["content"]["crls"] = [CertificateList(empty)]


def _with_what_is_not_signed(cms: Any) -> None:
    cms["content"]["signer_infos"][0]["unsigned_attrs"] = [{"type": "content_type", "values": ["data"]}]


def _with_two_certificates(cms: Any) -> None:
    (certificate,) = cms["content"]["certificates"]
    other = certificate.copy()
    other.chosen["tbs_certificate"]["serial_number"] = 7
    cms["content"]["certificates"] = [certificate, other]


def _of_another_serial(cms: Any) -> None:
    cms["content"]["signer_infos"][0]["sid"].chosen["serial_number"] = 7


def _with_a_long_length(cms: Any) -> bytes:
    """BER allows leading zeros in a length; DER does not."""
    der: bytes = cms.dump()
    assert der[1] == 0x82
    return bytes([der[0], 0x83, 0]) + der[2:]


CHANGES = [
    _as_version_3,
    _as_a_signer_of_version_3,
    _of_other_parameters,
    _of_two_digests,
    _of_a_signer_with_other_parameters,
    _with_a_list_of_what_is_revoked,
    _with_what_is_not_signed,
    _with_two_certificates,
    _of_another_serial,
    _with_a_long_length,
]


def test_a_signature_rewritten_unchanged_is_valid(content: bytes) -> None:
    assert rewritten(content, lambda _cms: None) == content
    assert read(content).keys() == {"facts", "key_id"}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_in_unsigned_bytes_is_found(change: Callable[[Any], object], content: bytes) -> None:
    other = rewritten(content, change)
    assert len(other) == len(content)
    assert read(other) == {"problem": "BYTES"}


def test_a_signature_has_only_one_accepted_encoding(content: bytes) -> None:
    der = _der(content)
    assert read(in_the_gap(content, der, small=True)) == {"problem": "BYTES"}
    assert read(in_the_gap(content, der, fill=b"1")) == {"problem": "BYTES"}
    assert "facts" in read(in_the_gap(content, der))


def test_a_file_with_two_signatures_is_refused(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PdfFileReader, "embedded_signatures", property(lambda _reader: [1, 2]))
    assert read(content) == {"problem": "BYTES"}


def test_a_valid_signature_of_another_curve_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its numbers have the same length; its key must not pass for one of the portal's."""
    private = ec.generate_private_key(ec.SECP256K1())
    ours = current_key().certificate
    certificate = (
        x509.CertificateBuilder(ours.issuer, ours.subject, private.public_key(), 7)
        .not_valid_before(SIGNED_AT)
        .not_valid_after(SIGNED_AT)
        .sign(private, SHA256())
    )
    other = replace(current_key(), private=private, certificate=certificate)
    monkeypatch.setattr(building, "current_key", lambda: other)
    monkeypatch.setattr(building, "to_low_s", _low_on_the_other_curve)
    assert read(signed()) == {"problem": "KEY"}


def _low_on_the_other_curve(value: bytes) -> bytes:
    """Return the form that is low on the other curve; except once in four billion it is low on ours too."""
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    r, s = decode_dss_signature(value)
    return encode_dss_signature(r, min(s, order - s))
