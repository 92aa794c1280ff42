"""The portal's own keys, from the setting `SIGNING_KEYS`: the current one first, then those that signed before.

Each has a name and either its secret (64 hexadecimal figures: the private number) or, once it is retired and its secret
destroyed, its public point alone (66 figures: SEC 1's compressed form). Only the first one signs; all of them verify.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from django.conf import settings

from intake.signing.keys import KeySet, PublicKey

_CURVE = ec.SECP256R1()
SECRET_FIGURES = 64
_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_WITHOUT_END = datetime(
    9999, 12, 31, 23, 59, 59, tzinfo=UTC
)  # "no well-defined expiration date": RFC 5280, 4.1.2.5
_SERIAL_BYTES = 16


class NoKeyError(Exception):
    """There is no key to sign with: `SIGNING_KEYS` is not set."""

    code = "NO_SIGNING_KEY"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs: both halves, and its certificate."""

    public: PublicKey
    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def current_key() -> SigningKey:
    """Return the key that signs.

    :raises NoKeyError: there is none.
    """
    if not settings.SIGNING_KEYS:
        raise NoKeyError
    name, secret = next(iter(settings.SIGNING_KEYS.items()))
    return _signing_key(name, secret, settings.SIGNING_CERTIFICATE_NAME)


def known_keys() -> KeySet:
    """Return the public halves of every key that counts, the current one first; none if there is none."""
    return _known_keys(tuple(settings.SIGNING_KEYS.items()))


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
    """Return the certificate that PDF signatures need, signed by the key itself: it says who signs, no authority does.

    The same key always makes the same certificate, so that it need not be kept: its serial comes from the key, its
    dates are fixed, and the signature is deterministic (RFC 6979).
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
