"""Public keys by id, as the portal publishes them and as a verifier reads them. No Django, no private key.

The keys are on the curve P-256 (FIPS 186-5), the only one that PDF readers, openssl and browsers all support. A key's
id is its JWK thumbprint (RFC 7638), which a verifier can compute from the key.
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eligibility.codec import parse

_CURVE = ec.SECP256R1()
_COORDINATE_BYTES = 32
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the curve's group (SP 800-186, 3.2.1.3)."""


class UnreadableKeysError(ValueError):
    """A text is not a key set in the form that the portal publishes."""

    code = "UNREADABLE_KEYS"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and the id of the key that made it.

    `value` is ECDSA over SHA-256 in DER (RFC 3279, 2.2.3), as `openssl dgst -sha256 -verify` takes it.
    """

    key_id: str
    value: bytes


def to_low_s(value: bytes) -> bytes:
    """Return the low-S form of a signature: of (r, s) and (r, n - s), both valid, that with the smaller second number.

    :raises ValueError: if `value` is not an ECDSA signature in DER.
    """
    r, s = decode_dss_signature(value)
    return encode_dss_signature(r, min(s, _ORDER - s))


def is_low_s(value: bytes) -> bool:
    """True if a signature is in the form that the portal issues: low-S, in DER.

    No standard requires it (RFC 3279, RFC 5480, RFC 9162), but a file with one changed byte is not the issued file.
    """
    try:
        return to_low_s(value) == value
    except (ValueError, OverflowError):
        return False


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, and the name that its owner gives it."""

    name: str
    point: bytes
    """The curve's point in its uncompressed form: 65 bytes (SEC 1, 2.3.3)."""

    @classmethod
    def of(cls, name: str, key: ec.EllipticCurvePublicKey) -> Self:
        """Return the `PublicKey` of a cryptography key."""
        return cls(name=name, point=key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def key(self) -> ec.EllipticCurvePublicKey:
        """The key as a cryptography object."""
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, self.point)

    @property
    def members(self) -> dict[str, str]:
        """The JWK members that define the key (RFC 7518, 6.2.1), in their order."""
        x, y = self.point[1 : 1 + _COORDINATE_BYTES], self.point[1 + _COORDINATE_BYTES :]
        return {"crv": "P-256", "kty": "EC", "x": _encoded(x), "y": _encoded(y)}

    @property
    def key_id(self) -> str:
        """Thumbprint of the key: 43 characters (RFC 7638, 3)."""
        text = json.dumps(self.members, separators=(",", ":"))
        return _encoded(hashlib.sha256(text.encode()).digest())

    def verifies(self, message: bytes, value: bytes) -> bool:
        """True if `value` is this key's signature of `message`, in the form that the portal issues."""
        if not is_low_s(value):
            return False
        try:
            self.key.verify(value, message, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class KeySet:
    """Accepted keys, by id."""

    keys: Mapping[str, PublicKey]

    @classmethod
    def of(cls, keys: Iterable[PublicKey]) -> Self:
        """Return the set of `keys`, in their order."""
        return cls(keys={key.key_id: key for key in keys})

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Return the keys of a JWK Set (RFC 7517, 5) such as the portal publishes at `/verifier/cles.json`.

        Keys of other curves are skipped, as the RFC requires; `kid` is computed, not read.

        :raises UnreadableKeysError: if it is not a JWK Set, has a duplicate member, or has no P-256 key.
        """
        try:
            raw: Any = parse(text)
            keys = [_read_key(row) for row in raw["keys"] if row.get("crv") == "P-256"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableKeysError from error
        if not keys:
            raise UnreadableKeysError
        return cls.of(keys)

    def verify(self, message: bytes, signature: Signature) -> bool:
        """True if `signature` is by one of these keys, over exactly `message`."""
        key = self.keys.get(signature.key_id)
        return key is not None and key.verifies(message, signature.value)


def key_set_json(keys: KeySet) -> dict[str, Any]:
    """Return `keys` as a JWK Set (RFC 7517, 5), which `KeySet.parse` reads."""
    common = {"use": "sig", "alg": "ES256"}
    rows = [{**key.members, **common, "kid": kid, "name": key.name} for kid, key in keys.keys.items()]
    return {"keys": rows}


def _read_key(row: Mapping[str, Any]) -> PublicKey:
    point = b"\x04" + _decoded(row["x"]) + _decoded(row["y"])
    return PublicKey.of(str(row.get("name", "")), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point))


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
