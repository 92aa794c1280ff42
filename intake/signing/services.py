"""Sign and verify bytes with the portal's own keys, and return the keys to publish.

The setting `SIGNING_KEYS` has the current key first, then older keys, each with a name and either its secret (64
hexadecimal digits: the private number) or only its public point (66 digits: SEC 1's compressed form), in a process that
does not sign, or once the key is retired and its secret destroyed. Only the first key signs; all verify.
"""

import base64
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.conf import settings

from intake.signing.keys import KeySet, PublicKey, Signature, key_set_json, to_low_s

logger = logging.getLogger(__name__)
_CURVE = ec.SECP256R1()
SECRET_FIGURES = 64
_FROM = datetime(2020, 1, 1, tzinfo=UTC)
# "no well-defined expiration date": RFC 5280, 4.1.2.5
_WITHOUT_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_SERIAL_BYTES = 16
_SET_OF_DER = 0x31


class NoKeyError(Exception):
    """There is no key to sign with: `SIGNING_KEYS` is empty, or has only the public half of the current key."""

    code = "NO_SIGNING_KEY"


class AmbiguousMessageError(ValueError):
    """The bytes start like the signed attributes of a PDF signature: their signature could serve as one."""

    code = "AMBIGUOUS_MESSAGE"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs: private and public key, and certificate."""

    public: PublicKey
    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def current_key() -> SigningKey:
    """Return the key that signs, or raise `NoKeyError`."""
    name, secret = next(iter(settings.SIGNING_KEYS.items()), ("", ""))
    if len(secret) != SECRET_FIGURES:
        raise NoKeyError
    return _signing_key(name, secret, settings.SIGNING_CERTIFICATE_NAME)


def known_keys() -> KeySet:
    """Return all public keys, the current key first; an empty set if there is none."""
    return _known_keys(tuple(settings.SIGNING_KEYS.items()))


def sign(message: bytes) -> Signature:
    """Sign `message` with the current key: ECDSA on P-256 over SHA-256, deterministic (RFC 6979), low-S.

    The same key signs several kinds of message, so each must name its kind, in its first bytes or in a member. A
    message never starts with the byte 0x31 (the character 1), which starts the signed attributes of a PDF signature.

    :raises NoKeyError: if there is no key.
    :raises AmbiguousMessageError: if `message` starts with that byte.
    """
    if message[:1] == bytes([_SET_OF_DER]):
        raise AmbiguousMessageError
    own = current_key()
    value = own.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
    return Signature(key_id=own.public.key_id, value=to_low_s(value))


def verify(message: bytes, signature: Signature) -> bool:
    """True if `signature` is by one of the portal's keys, current or older, over `message`."""
    return known_keys().verify(message, signature)


def published_keys() -> dict[str, Any]:
    """Return the published JWK Set (RFC 7517): the current key first, with its certificate, then the others."""
    key_set = key_set_json(known_keys())
    for rank, row in enumerate(key_set["keys"]):
        row["current"] = rank == 0
        if rank == 0 and (certificate := published_certificate()):
            row["x5c"] = [certificate]
    return key_set


def published_certificate() -> str:
    """Return the current key's certificate, DER in base64; the setting's in a process that does not sign.

    Empty if there is none, or if the setting's is of another key.
    """
    try:
        return base64.b64encode(current_key().certificate.public_bytes(Encoding.DER)).decode()
    except NoKeyError:
        given: str = settings.SIGNING_CERTIFICATE
    current = next(iter(known_keys().keys.values()), None)
    if not given or current is None:
        return ""
    key = x509.load_der_x509_certificate(base64.b64decode(given)).public_key()
    if key != current.key:
        logger.error("SIGNING_CERTIFICATE is not of the current key: see manage.py signing_keys --web")
        return ""
    return given


@cache
def _signing_key(name: str, secret: str, subject: str) -> SigningKey:
    private = ec.derive_private_key(int(secret, 16), _CURVE)
    public = PublicKey.of(name, private.public_key())
    return SigningKey(public=public, private=private, certificate=_certificate(public, private, subject))


@cache
def _known_keys(named: tuple[tuple[str, str], ...]) -> KeySet:
    return KeySet.of(PublicKey.of(name, _public_half(text)) for name, text in named)


def _public_half(text: str) -> ec.EllipticCurvePublicKey:
    if len(text) == SECRET_FIGURES:
        return ec.derive_private_key(int(text, 16), _CURVE).public_key()
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, bytes.fromhex(text))


def _certificate(public: PublicKey, private: ec.EllipticCurvePrivateKey, subject: str) -> x509.Certificate:
    """Return the self-signed certificate that PDF signatures need: it names the signer, without an authority.

    It is not stored: the same key and name always give the same one, with a deterministic signature (RFC 6979).
    """
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    serial = int.from_bytes(x509.SubjectKeyIdentifier.from_public_key(public.key).digest[:_SERIAL_BYTES])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder(subject_name=name, issuer_name=name)
        .public_key(public.key)
        .serial_number(serial >> 1 or 1)
        .not_valid_before(_FROM)
        .not_valid_after(_WITHOUT_END)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public.key), critical=False)
        .sign(private, SHA256(), ecdsa_deterministic=True)
    )
